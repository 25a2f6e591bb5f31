using System.Text;

namespace Stasis.Engine.Formats.Tar;

/// <summary>One entry of a tar, whatever format it is written in. Names are the bytes they are.</summary>
internal sealed record TarEntry
{
    /// <summary>Its path, without a slash at the end. Not checked: it may be absolute or climb.</summary>
    public required ReadOnlyMemory<byte> Name { get; init; }

    /// <summary>What it is.</summary>
    public TarEntryType Type { get; init; }

    /// <summary>Permission bits, with setuid, setgid and sticky.</summary>
    public uint Mode { get; init; }

    /// <summary>Owner.</summary>
    public uint Uid { get; init; }

    /// <summary>Group.</summary>
    public uint Gid { get; init; }

    /// <summary>Bytes of a file, holes included; 0 for everything else.</summary>
    public long Size { get; init; }

    /// <summary>Modification time, seconds since 1970.</summary>
    public long ModifiedSeconds { get; init; }

    /// <summary>And nanoseconds.</summary>
    public uint ModifiedNanoseconds { get; init; }

    /// <summary>A symbolic link's target, or the name of the entry that a hard link is the same file as.</summary>
    public ReadOnlyMemory<byte> LinkName { get; init; }

    /// <summary>Of a device: its major number.</summary>
    public uint DeviceMajor { get; init; }

    /// <summary>Of a device: its minor number.</summary>
    public uint DeviceMinor { get; init; }

    /// <summary>Extended attributes.</summary>
    public IReadOnlyDictionary<string, byte[]> Xattrs { get; init; } = NoXattrs;

    /// <summary>Where a sparse file has data, ascending; between lie holes. Null if it is not stored sparse.</summary>
    public IReadOnlyList<TarExtent>? Extents { get; init; }

    /// <summary><see cref="Name"/> for people, and for comparing with names that are text.</summary>
    public string NameText => Encoding.UTF8.GetString(Name.Span);

    /// <summary><see cref="LinkName"/> for people.</summary>
    public string LinkNameText => Encoding.UTF8.GetString(LinkName.Span);

    private static readonly Dictionary<string, byte[]> NoXattrs = [];

    /// <summary>A regular file.</summary>
    public static TarEntry OfFile(string name, long size, uint mode = 0x180 /* 0600 */) =>
        new() { Name = Encoding.UTF8.GetBytes(name), Type = TarEntryType.File, Size = size, Mode = mode };

    /// <summary>A folder.</summary>
    public static TarEntry OfDirectory(string name, uint mode = 0x1C0 /* 0700 */) =>
        new() { Name = Encoding.UTF8.GetBytes(name), Type = TarEntryType.Directory, Mode = mode };
}

/// <summary>A part of a sparse file that has data.</summary>
/// <param name="Offset">Where in the file.</param>
/// <param name="Length">How long.</param>
internal readonly record struct TarExtent(long Offset, long Length)
{
    /// <summary>Where the next could begin.</summary>
    public long End => Offset + Length;
}
