using System.Text.Json;

namespace Stasis.Engine.Images;

/// <summary>An image: its names, its configuration and the layers that make up its file system.</summary>
public sealed record Image
{
    /// <summary>Digest of its configuration, 64 hexadecimal digits (as Podman's image ID).</summary>
    public required string Id { get; init; }

    /// <summary>Full names, e.g. <c>localhost/counter:latest</c>. May be empty.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>
    /// Which of its names was meant, since it may have several: the one that <paramref name="asked"/> stands for, else
    /// the first, else what was asked.
    /// </summary>
    internal string NameFor(string asked) =>
        (ImageName.TryParse(asked)?.Candidates() ?? []).FirstOrDefault(Names.Contains)
        ?? Names.FirstOrDefault(name => name.EndsWith("/" + asked, StringComparison.Ordinal))
        ?? (Names.Count > 0 ? Names[0] : asked);

    /// <summary>Chain IDs of its layers (OCI image spec), lowest first: keys for <see cref="Storage.Layout.Layer"/>.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>When it was built.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Size of its unpacked layers, in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Digest of its manifest, "sha256:…", where it came with one.</summary>
    public string? ManifestDigest { get; init; }

    /// <summary>Annotations of its manifest, where it came with one.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>The annotation that makes an image a checkpoint, as Podman knows one: the OCI runtime that made it.</summary>
    public const string CheckpointRuntime = "io.podman.annotations.checkpoint.runtime.name";

    /// <summary>It holds a container's checkpoint, and nothing to make containers of.</summary>
    public bool IsCheckpoint => Annotations.ContainsKey(CheckpointRuntime);

    /// <summary>What a container of it runs, and how (OCI image config: <c>config</c>).</summary>
    public required ImageExecutionConfig Config { get; init; }

    /// <summary>The whole OCI image configuration, for <c>image inspect</c>.</summary>
    public JsonElement Raw { get; init; }
}
