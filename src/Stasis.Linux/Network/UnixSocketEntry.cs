namespace Stasis.Linux.Network;

/// <summary>A socket of unix(7), as the kernel lists it.</summary>
/// <param name="Inode">Its inode number, as in the link /proc/PID/fd/N: "socket:[INODE]".</param>
/// <param name="Peer">The inode number of the socket that it is connected to; 0 if there is none, or nobody has accepted it yet.</param>
/// <param name="Name">Its address: a path, or a name that begins with @; null if it has none.</param>
public sealed record UnixSocketEntry(uint Inode, uint Peer, string? Name);
