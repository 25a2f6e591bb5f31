using Stasis.Engine.Oci.Spec;

namespace Stasis.Engine.Model;

/// <summary>A container as the database knows it: what it was asked to be, the spec its runtime gets, and how it is now.</summary>
/// <param name="Config">What it was asked to be.</param>
/// <param name="Spec">The complete OCI spec with host paths: what is written to the bundle, and into archives as spec.dump.</param>
/// <param name="State">How it is now.</param>
public sealed record Container(ContainerConfig Config, OciSpec Spec, ContainerState State)
{
    /// <summary>64 hexadecimal digits.</summary>
    public string Id => Config.Id;

    /// <summary>The name people use.</summary>
    public string Name => Config.Name;

    /// <summary>Chain IDs of the layers beneath its root file system, lowest first; recorded with it, so that it outlives its image's names.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>ID of the checkpoint in the store that it was made from; it stays there as long as the container does.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>The changes to files that the checkpoint holds are a layer of its root file system, on top of <see cref="Layers"/>.</summary>
    public bool HasCheckpointLayer { get; init; }

    /// <summary>It goes away by itself when it ends (<c>--rm</c>; kept as the annotation that Podman uses).</summary>
    public bool AutoRemove => Spec.Annotations?.GetValueOrDefault(Annotations.AutoRemove) == "TRUE";
}
