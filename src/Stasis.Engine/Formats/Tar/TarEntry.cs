using System.Text;

namespace Stasis.Engine.Formats.Tar;

/// <summary>One entry of a tar, in any format. Names are bytes.</summary>
internal sealed record TarEntry
{
    /// <summary>The entry's path, without a slash at the end. The path isn't checked: it may be absolute or contain "..".</summary>
    public required ReadOnlyMemory<byte> Name { get; init; }

    /// <summary>The entry's type.</summary>
    public TarEntryType Type { get; init; }

    /// <summary>Permission bits, including setuid, setgid and sticky.</summary>
    public uint Mode { get; init; }

    /// <summary>The owner's ID.</summary>
    public uint Uid { get; init; }

    /// <summary>The group's ID.</summary>
    public uint Gid { get; init; }

    /// <summary>The length of a file in bytes, including holes; 0 for other types.</summary>
    public long Size { get; init; }

    /// <summary>The modification time in seconds since 1970.</summary>
    public long ModifiedSeconds { get; init; }

    /// <summary>The nanoseconds of the modification time.</summary>
    public uint ModifiedNanoseconds { get; init; }

    /// <summary>A symbolic link's target, or the name of the entry that a hard link is the same file as.</summary>
    public ReadOnlyMemory<byte> LinkName { get; init; }

    /// <summary>The major number of a device.</summary>
    public uint DeviceMajor { get; init; }

    /// <summary>The minor number of a device.</summary>
    public uint DeviceMinor { get; init; }

    /// <summary>Extended attributes.</summary>
    public IReadOnlyDictionary<string, byte[]> Xattrs { get; init; } = NoXattrs;

    /// <summary>The places of data in a sparse file, ascending, with holes between. Null if the file isn't stored sparse.</summary>
    public IReadOnlyList<TarExtent>? Extents { get; init; }

    /// <summary><see cref="Name"/> as text, for messages and comparisons.</summary>
    public string NameText => Encoding.UTF8.GetString(Name.Span);

    /// <summary><see cref="LinkName"/> as text, for messages.</summary>
    public string LinkNameText => Encoding.UTF8.GetString(LinkName.Span);

    private static readonly Dictionary<string, byte[]> NoXattrs = [];

    /// <summary>Creates the entry of a regular file.</summary>
    public static TarEntry OfFile(string name, long size, uint mode = 0x180 /* 0600 */) =>
        new() { Name = Encoding.UTF8.GetBytes(name), Type = TarEntryType.File, Size = size, Mode = mode };

    /// <summary>Creates the entry of a folder.</summary>
    public static TarEntry OfDirectory(string name, uint mode = 0x1C0 /* 0700 */) =>
        new() { Name = Encoding.UTF8.GetBytes(name), Type = TarEntryType.Directory, Mode = mode };
}

/// <summary>A part of a sparse file that has data.</summary>
/// <param name="Offset">The part's offset in the file, in bytes.</param>
/// <param name="Length">The part's length in bytes.</param>
internal readonly record struct TarExtent(long Offset, long Length)
{
    /// <summary>The offset after the part.</summary>
    public long End => Offset + Length;
}
