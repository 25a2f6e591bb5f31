using Stasis.Linux.Native;
using Stasis.Linux.Network;
using Stasis.Linux.Processes;

namespace Stasis.Linux.Mounts;

/// <summary>Network namespaces, pinned by a bind mount as ip-netns(8) does; and mount namespaces for a moment.</summary>
public static class Namespace
{
    /// <summary>Makes a network namespace with its loopback up and pins it by a bind mount at <paramref name="path"/>. The calling thread's own namespace is not changed.</summary>
    public static void CreateNetwork(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var file = Libc.open(path, Libc.O_RDONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, 0x100))
        {
            if (file.IsInvalid)
                throw LinuxException.Last("open", path);
        }

        try
        {
            DedicatedThread.Run(() =>
            {
                if (Libc.unshare(Libc.CLONE_NEWNET) != 0)
                    throw LinuxException.Last("unshare", "network namespace");
                NetworkDevice.SetUp("lo");
                Mount.Bind("/proc/thread-self/ns/net", path);
            });
        }
        catch
        {
            RemoveNetwork(path);
            throw;
        }
    }

    /// <summary>Unpins it: it goes when nothing uses it. Nothing if it isn't there.</summary>
    public static void RemoveNetwork(string path)
    {
        Mount.Unmount(path);
        if (Libc.unlink(path) != 0 && LinuxException.LastErrno != Errno.ENOENT && LinuxException.LastErrno != Errno.ENOTDIR)
            throw LinuxException.Last("unlink", path);
    }

    /// <summary>Runs <paramref name="action"/>, on a thread of its own, in the network namespace pinned at <paramref name="path"/>.</summary>
    public static void RunInNetwork(string path, Action action) => DedicatedThread.Run(() =>
    {
        using (var target = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0))
        {
            if (target.IsInvalid)
                throw LinuxException.Last("open", path);
            if (Libc.setns(target, Libc.CLONE_NEWNET) != 0)
                throw LinuxException.Last("setns", path);
        }
        action();
    });

    /// <summary>
    /// Runs <paramref name="action"/>, on a thread of its own, in a mount namespace of its own: what it mounts nobody else sees, and it is gone with the thread, however that
    /// ends.
    /// </summary>
    public static void RunInOwnMounts(Action action) => DedicatedThread.Run(() =>
    {
        // A thread shares its root and working directory with the others until it says otherwise, and may not change namespaces so long.
        if (Libc.unshare(Libc.CLONE_FS | Libc.CLONE_NEWNS) != 0)
            throw LinuxException.Last("unshare", "mount namespace");
        Mount.Make(null, "/", null, MountFlags.Recursive | MountFlags.Slave, null);
        action();
    });
}
