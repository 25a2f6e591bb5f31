namespace Stasis.Engine.Formats.Tar;

/// <summary>How a tar is unpacked.</summary>
internal sealed record TarExtractorOptions
{
    /// <summary>Whether device nodes are created. Otherwise a device node is an error.</summary>
    public bool Devices { get; init; }

    /// <summary>
    /// Whether the tar is a layer of an OCI image: <c>.wh.NAME</c> becomes overlayfs' whiteout of NAME,
    /// <c>.wh..wh..opq</c> makes its folder opaque (OCI image spec, layer.md, "Whiteouts").
    /// </summary>
    public bool Whiteouts { get; init; }

    /// <summary>
    /// Whether an extended attribute is set; others are skipped. By default, all but overlayfs' own and
    /// SELinux labels are set.
    /// </summary>
    public Func<string, bool> TakesXattr { get; init; } = TarPackerOptions.IsPortable;

    /// <summary>The permission, setuid, setgid and sticky bits that an entry may have; others are left out.</summary>
    public uint ModeMask { get; init; } = 0xFFF;

    /// <summary>Decides whether an entry is unpacked; null unpacks all. The filter may throw to refuse the tar.</summary>
    public Func<TarEntry, bool>? Filter { get; init; }

    /// <summary>Receives the number of bytes of the tar read so far.</summary>
    public IProgress<long>? Progress { get; init; }
}
