namespace Stasis.Engine.Vetting.Images;

/// <summary>An open file in the images. Types are enum fd_types of images/fdinfo.proto.</summary>
/// <param name="Type">The file's type.</param>
/// <param name="Mode">st_mode of a file that was opened by its path; 0 for all others.</param>
internal readonly record struct OpenFile(uint Type, uint Mode)
{
    public const uint Regular = 1, Pipe = 2, Fifo = 3, InetSocket = 4, UnixSocket =
        5, EventFd = 6, Epoll = 7, Inotify = 8, SignalFd = 9, PacketSocket = 10, Tty = 11, Fanotify = 12, NetlinkSocket = 13,
        Namespace = 14, TimerFd = 17, Memfd = 18, PidFd = 20;

    // The field of file_entry that describes each type.
    private static readonly Dictionary<uint, string> Fields = new()
    {
        [Regular] = "reg",
        [Pipe] = "pipe",
        [Fifo] = "fifo",
        [InetSocket] = "isk",
        [UnixSocket] = "usk",
        [EventFd] = "efd",
        [Epoll] = "epfd",
        [Inotify] = "ify",
        [SignalFd] = "sgfd",
        [PacketSocket] = "psk",
        [Tty] = "tty",
        [Fanotify] = "ffy",
        [NetlinkSocket] = "nlsk",
        [Namespace] = "nsf",
        [TimerFd] = "tfd",
        [Memfd] = "memfd",
        [PidFd] = "pidfd",
    };

    /// <summary>Whether the file is a directory.</summary>
    public bool IsFolder => ModeBits.TypeOf(Mode) == ModeBits.Directory;

    /// <summary>
    /// The field of file_entry that describes files of a type; null for types that a container doesn't have
    /// (files of plug-ins and of callers, tun, BPF maps).
    /// </summary>
    public static string? FieldName(uint type) => Fields.GetValueOrDefault(type);
}
