namespace Stasis.Engine.Formats.Tar;

/// <summary>How a tar is unpacked.</summary>
internal sealed record TarExtractorOptions
{
    /// <summary>Device nodes are made; otherwise one is an error.</summary>
    public bool Devices { get; init; }

    /// <summary>
    /// The tar is a layer of an OCI image: <c>.wh.NAME</c> becomes overlayfs' whiteout of NAME, <c>.wh..wh..opq</c> makes its folder opaque
    /// (OCI image spec, layer.md, "Whiteouts").
    /// </summary>
    public bool Whiteouts { get; init; }

    /// <summary>Whether an extended attribute is set; the others are passed over. By default all are but overlayfs' own and SELinux labels.</summary>
    public Func<string, bool> TakesXattr { get; init; } = TarPackerOptions.IsPortable;

    /// <summary>
    /// Decides whether an entry is unpacked; null: all are. It may throw to refuse the tar.
    /// </summary>
    public Func<TarEntry, bool>? Filter { get; init; }

    /// <summary>Told how many bytes of the tar are taken so far.</summary>
    public IProgress<long>? Progress { get; init; }
}
