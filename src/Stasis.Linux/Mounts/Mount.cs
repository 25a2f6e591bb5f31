using System.Runtime.CompilerServices;
using Stasis.Linux.Native;

namespace Stasis.Linux.Mounts;

/// <summary>mount(2) and umount2(2).</summary>
public static class Mount
{
    /// <summary>Mounts a file system.</summary>
    public static void Make(string? source, string target, string? type, MountFlags flags, string? data)
    {
        if (Libc.mount(source, target, type, (ulong)flags, data) != 0)
            throw LinuxException.Last("mount", target);
    }

    /// <summary>Bind-mounts a file or folder. If this fails, nothing is left mounted.</summary>
    /// <param name="source">The file or folder.</param>
    /// <param name="target">The mount point.</param>
    /// <param name="recursive">Whether mounts beneath the source are bound too.</param>
    /// <param name="readOnly">Whether the new mounts are read-only.</param>
    public static void Bind(string source, string target, bool recursive = false, bool readOnly = false)
    {
        if (Libc.mount(source, target, null, (ulong)(MountFlags.Bind | (recursive ? MountFlags.Recursive : 0)), null) != 0)
            throw LinuxException.Last("bind mount", $"{source} at {target}");
        if (!readOnly)
            return;
        // Unlike a remount, mount_setattr(2) keeps the source's other flags (nosuid, …), and applies to the mounts beneath.
        var attributes = new Libc.MountAttr { Set = Libc.MOUNT_ATTR_RDONLY };
        var flags = recursive ? (uint)Libc.AT_RECURSIVE : 0;
        if (Libc.mount_setattr(Libc.AT_FDCWD, target, flags, in attributes, (nuint)Unsafe.SizeOf<Libc.MountAttr>()) == 0)
            return;
        var error = LinuxException.Last("mount_setattr", target);
        _ = Libc.umount2(target, Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW);
        throw error;
    }

    /// <summary>Unmounts all mounts at exactly this path, lazily if they are busy. Does nothing if there are none.</summary>
    public static void Unmount(string target)
    {
        while (Libc.umount2(target, Libc.UMOUNT_NOFOLLOW) == 0 || RetryLazily(target))
        {
        }
    }

    /// <summary>Lazily unmounts all mounts at a folder and beneath it, the last one first.</summary>
    public static void UnmountBeneath(string folder)
    {
        var points = MountTable.Points().Where(point => point == folder || point.StartsWith(folder + "/", StringComparison.Ordinal));
        foreach (var point in points.Reverse())
        {
            if (Libc.umount2(point, Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW) == 0)
                continue;
            // A mount vanishes with the one that it is beneath.
            if (LinuxException.LastErrno is not (Errno.EINVAL or Errno.ENOENT or Errno.ENOTDIR))
                throw LinuxException.Last("umount", point);
        }
    }

    /// <summary>Whether a path is a mount point (statx(2), STATX_ATTR_MOUNT_ROOT).</summary>
    public static bool IsMountPoint(string path)
    {
        if (Libc.statx(Libc.AT_FDCWD, path, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, out var result) == 0)
            return (result.Attributes & Libc.STATX_ATTR_MOUNT_ROOT) != 0;
        return LinuxException.LastErrno is Errno.ENOENT or Errno.ENOTDIR ? false : throw LinuxException.Last("statx", path);
    }

    /// <summary>After a failed umount2(2): true if a busy mount was unmounted lazily, false if there is no mount.</summary>
    private static bool RetryLazily(string target)
    {
        var errno = LinuxException.LastErrno;
        if (errno is Errno.EINVAL or Errno.ENOENT or Errno.ENOTDIR)
            return false;
        if (errno == Errno.EBUSY && Libc.umount2(target, Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW) == 0)
            return true;
        throw LinuxException.Last("umount", target);
    }
}
