using System.Runtime.CompilerServices;
using Stasis.Linux.Native;

namespace Stasis.Linux.Mounts;

/// <summary>mount(2) and umount2(2).</summary>
public static class Mount
{
    /// <summary>Mounts; <paramref name="flags"/> as MS_….</summary>
    public static void Make(string? source, string target, string? type, MountFlags flags, string? data)
    {
        if (Libc.mount(source, target, type, (ulong)flags, data) != 0)
            throw LinuxException.Last("mount", target);
    }

    /// <summary>Binds a file or folder (with recursive sub-mounts if asked), read-only when asked. On failure nothing stays mounted.</summary>
    public static void Bind(string source, string target, bool recursive = false, bool readOnly = false)
    {
        if (Libc.mount(source, target, null, (ulong)(MountFlags.Bind | (recursive ? MountFlags.Recursive : 0)), null) != 0)
            throw LinuxException.Last("bind mount", $"{source} at {target}");
        if (!readOnly)
            return;
        // Unlike a remount it keeps the source's other flags (nosuid, …), and it reaches the mounts beneath.
        var attributes = new Libc.MountAttr { Set = Libc.MOUNT_ATTR_RDONLY };
        if (Libc.mount_setattr(Libc.AT_FDCWD, target, recursive ? (uint)Libc.AT_RECURSIVE : 0, in attributes, (nuint)Unsafe.SizeOf<Libc.MountAttr>()) == 0)
            return;
        var error = LinuxException.Last("mount_setattr", target);
        _ = Libc.umount2(target, Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW);
        throw error;
    }

    /// <summary>Unmounts everything mounted at exactly that path, lazily if busy; nothing if nothing is.</summary>
    public static void Unmount(string target)
    {
        while (Libc.umount2(target, Libc.UMOUNT_NOFOLLOW) == 0 || RetryLazily(target))
        {
        }
    }

    /// <summary>Unmounts everything mounted beneath a folder or at it, lazily, the last mount first.</summary>
    public static void UnmountBeneath(string folder)
    {
        foreach (var point in MountTable.Points().Where(point => point == folder || point.StartsWith(folder + "/", StringComparison.Ordinal)).Reverse())
        {
            // What lay beneath one that is gone already is gone with it.
            if (Libc.umount2(point, Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW) != 0 && LinuxException.LastErrno is not (Errno.EINVAL or Errno.ENOENT or Errno.ENOTDIR))
                throw LinuxException.Last("umount", point);
        }
    }

    /// <summary>Whether something is mounted at exactly that path (statx STATX_ATTR_MOUNT_ROOT).</summary>
    public static bool IsMountPoint(string path)
    {
        if (Libc.statx(Libc.AT_FDCWD, path, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, out var result) == 0)
            return (result.Attributes & Libc.STATX_ATTR_MOUNT_ROOT) != 0;
        return LinuxException.LastErrno is Errno.ENOENT or Errno.ENOTDIR ? false : throw LinuxException.Last("statx", path);
    }

    /// <summary>After a failed umount2: true if a lazy one took a busy mount away, false if there is none.</summary>
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
