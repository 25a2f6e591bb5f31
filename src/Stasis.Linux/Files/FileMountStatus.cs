using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>A file and the mount that it was found in (statx(2), STATX_MNT_ID; Linux 5.8).</summary>
/// <param name="MountId">The mount's ID, the first field of /proc/PID/mountinfo.</param>
/// <param name="IsMountRoot">Whether it is the mount's root.</param>
/// <param name="Status">The file's status.</param>
public readonly record struct FileMountStatus(ulong MountId, bool IsMountRoot, FileStatus Status)
{
    private const uint Wanted = Libc.STATX_BASIC_STATS | Libc.STATX_MNT_ID;

    /// <summary>
    /// Reads what a path leads to. Links are followed, those of /proc too (a process's root, a descriptor). Nothing is opened. Null if
    /// there
    /// is nothing, or no longer.
    /// </summary>
    public static FileMountStatus? TryRead(string path)
    {
        if (Libc.statx(Libc.AT_FDCWD, path, 0, Wanted, out var result) == 0)
            return From(result);
        return LinuxException.LastErrno is Errno.ENOENT or Errno.ENOTDIR or Errno.ESRCH ? null : throw LinuxException.Last("stat", path);
    }

    /// <summary>Reads an open file.</summary>
    public static FileMountStatus Read(SafeFileHandle file) =>
        Libc.statx(file, "\0"u8, Libc.AT_EMPTY_PATH, Wanted, out var result) == 0 ? From(result) : throw LinuxException.Last("fstat");

    private static FileMountStatus From(in Libc.Statx result) =>
        new(result.MountId, (result.Attributes & Libc.STATX_ATTR_MOUNT_ROOT) != 0, FileStatus.From(result));
}
