namespace Stasis.Engine.Archive;

/// <summary>
/// How much an archive may ask of this host. The defaults are far above what containers need, and far below
/// what would do harm.
/// </summary>
public sealed record ArchiveLimits
{
    /// <summary>The defaults.</summary>
    public static ArchiveLimits Default { get; } = new();

    /// <summary>For an archive that was found to be within other limits.</summary>
    internal static ArchiveLimits Unlimited { get; } = new()
    {
        MaxSize = long.MaxValue,
        MaxEntries = long.MaxValue,
        MaxRatio = long.MaxValue,
        BytesPerEntry = 0,
    };

    /// <summary>Bytes of the decompressed archive, and so of any entry; 1 TiB.</summary>
    public long MaxSize { get; init; } = 1L << 40;

    /// <summary>Entries of the archive, and of each tar in it; CRIU writes some six files for a process.</summary>
    public long MaxEntries { get; init; } = 5_000_000;

    /// <summary>
    /// How many times its compressed size an archive may have, beyond <see cref="RatioFrom"/>. Memory of one
    /// repeated byte is compressed to a twenty-thousandth.
    /// </summary>
    public long MaxRatio { get; init; } = 1000;

    /// <summary>Decompressed bytes up to which any ratio is accepted; 4 GiB.</summary>
    public long RatioFrom { get; init; } = 4L << 30;

    /// <summary>Bytes that all sparse files of tars may have, holes included, whatever the archive's size; 64 GiB.</summary>
    public long SparseFrom { get; init; } = 64L << 30;

    /// <summary>
    /// Entries of an archive and the tars in it together, and folders that they need and that the entry before wasn't in, up to which any
    /// number is accepted. A name of more than 256 bytes counts again for each 256. Beyond, each needs
    /// <see cref="BytesPerEntry"/>: else some megabytes of archive would keep a disk busy for minutes.
    /// </summary>
    public long EntriesFrom { get; init; } = 100_000;

    /// <summary>
    /// Bytes of the archive, as it is compressed, that each entry beyond <see cref="EntriesFrom"/> must take; 0 for none. Files with
    /// names and times of their own take 20 and more, without their content.
    /// </summary>
    public int BytesPerEntry { get; init; } = 10;

    /// <summary>Bytes of an entry's name, also in tars within the archive; the longest path that Linux accepts.</summary>
    public int MaxNameLength { get; init; } = 4095;

    /// <summary>Bytes of a JSON entry; a container's config.dump and spec.dump have a few kilobytes.</summary>
    public long MaxJson { get; init; } = 16 << 20;

    /// <summary>How deep JSON may be nested; an OCI spec has less than ten levels.</summary>
    public int MaxJsonDepth { get; init; } = 32;
}
