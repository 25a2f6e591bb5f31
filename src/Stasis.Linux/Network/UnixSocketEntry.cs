namespace Stasis.Linux.Network;

/// <summary>A socket of unix(7), as the kernel describes it.</summary>
/// <param name="Inode">The socket's own number: that of "socket:[N]" in /proc/PID/fd.</param>
/// <param name="Name">
/// What it is bound to, as the program gave it to bind(2), without the zero at the end; an abstract name begins with a zero. Empty if it
/// isn't bound.
/// </param>
/// <param name="FileInode">
/// The lower 32 bits of the inode number of the file that it is bound to, whatever name that has now; null if there is none.
/// </param>
/// <param name="Peer">The number of the socket at the other end; 0 if there is none, or no program has it open.</param>
public sealed record UnixSocketEntry(uint Inode, byte[] Name, uint? FileInode, uint Peer)
{
    /// <summary>Whether it is one for datagrams.</summary>
    public bool IsDatagram { get; init; }

    /// <summary>Bytes that wait to be read; of a socket that listens, connections that wait to be accepted.</summary>
    public uint Unread { get; init; }

    /// <summary>Whether it is bound to a file.</summary>
    public bool HasPath => Name is [not 0, ..];
}
