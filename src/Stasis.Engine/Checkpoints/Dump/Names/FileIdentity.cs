using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Dump.Names;

/// <summary>What tells a file of a mount from others, whatever its name. A socket has the 32 bits that sock_diag(7) knows.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    public static FileIdentity FromStatus(in FileStatus status) =>
        status.IsSocket ? ForSocket((uint)status.Inode) : new(status.ContainingDevice, status.Inode);

    /// <summary>The file that a socket is bound to.</summary>
    public static FileIdentity ForSocket(uint inode) => new(0, inode);
}
