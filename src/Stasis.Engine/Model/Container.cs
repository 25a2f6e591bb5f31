using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Model;

/// <summary>A container as it is in the database.</summary>
/// <param name="Config">The options it was created with.</param>
/// <param name="Spec">The complete OCI spec with host paths: written into the bundle, and into archives as spec.dump.</param>
/// <param name="State">Its current state.</param>
public sealed record Container(ContainerConfig Config, OciSpec Spec, ContainerState State)
{
    /// <summary>ID: 64 hexadecimal digits.</summary>
    public string Id => Config.Id;

    /// <summary>Name, unique on this host.</summary>
    public string Name => Config.Name;

    /// <summary>Chain IDs of the image layers of its root file system, lowest first. So the container outlives its image's names.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>
    /// ID of the checkpoint in the store that the container was restored from. The checkpoint stays as long as the container.
    /// </summary>
    public string? Checkpoint { get; init; }

    /// <summary>What another engine has made for it, if it is that engine's. Not stored.</summary>
    internal EngineResources? Resources { get; init; }

    /// <summary>The root file system has a layer with the checkpoint's changes to files, on top of <see cref="Layers"/>.</summary>
    public bool HasCheckpointLayer { get; init; }

    /// <summary>The container is removed when it ends (<c>--rm</c>); kept as Podman's annotation.</summary>
    public bool AutoRemove => Spec.Annotations?.GetValueOrDefault(Annotations.AutoRemove) == "TRUE";
}
