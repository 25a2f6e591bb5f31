namespace Stasis.Engine.Archive;

/// <summary>How much an archive may ask of this host. The defaults are far above what containers have, and far below what would do harm.</summary>
public sealed record ArchiveLimits
{
    /// <summary>The defaults.</summary>
    public static ArchiveLimits Default { get; } = new();

    /// <summary>Bytes of the archive when it is decompressed, and with that of any entry; 1 TiB.</summary>
    public long MaxSize { get; init; } = 1L << 40;

    /// <summary>Entries of the archive, and of each tar in it; CRIU writes some six files for a process.</summary>
    public long MaxEntries { get; init; } = 5_000_000;

    /// <summary>
    /// How many times its compressed size an archive may have, from <see cref="RatioFrom"/> on. Memory that is all one byte is compressed to a twenty-thousandth.
    /// </summary>
    public long MaxRatio { get; init; } = 1000;

    /// <summary>Decompressed bytes that may be of any ratio; 4 GiB.</summary>
    public long RatioFrom { get; init; } = 4L << 30;

    /// <summary>Bytes of an entry's name, and of one in a tar within; the longest path that Linux takes.</summary>
    public int MaxNameLength { get; init; } = 4095;

    /// <summary>Bytes of a JSON entry; a container's config.dump and spec.dump have some kilobytes.</summary>
    public long MaxJson { get; init; } = 16 << 20;

    /// <summary>How deep JSON may be nested; an OCI spec has less than ten levels.</summary>
    public int MaxJsonDepth { get; init; } = 32;
}
