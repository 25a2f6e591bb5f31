using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Native;
using Stasis.Linux.Processes;

namespace Stasis.Linux.Network;

/// <summary>Network namespaces, each kept alive by a bind mount, as ip-netns(8) does.</summary>
public static class NetworkNamespace
{
    /// <summary>
    /// Creates a network namespace with its loopback interface up, and bind-mounts it at <paramref name="path"/>. The calling
    /// thread stays in its own namespace.
    /// </summary>
    public static void Create(string path)
    {
        PrivateDirectory.Create(Path.GetDirectoryName(path)!);
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
            Remove(path);
            throw;
        }
    }

    /// <summary>Unmounts a namespace: it vanishes when nothing uses it any more. Does nothing if there is none.</summary>
    public static void Remove(string path)
    {
        Mount.Unmount(path);
        if (Libc.unlink(path) != 0 && LinuxException.LastErrno != Errno.ENOENT && LinuxException.LastErrno != Errno.ENOTDIR)
            throw LinuxException.Last("unlink", path);
    }

    /// <summary>Puts the calling thread, and what it starts, into a new network namespace that has only its loopback interface.</summary>
    public static void EnterNewOnThread()
    {
        if (Libc.unshare(Libc.CLONE_NEWNET) != 0)
            throw LinuxException.Last("unshare", "network namespace");
        NetworkDevice.SetUp("lo");
    }

    /// <summary>
    /// Runs an action on a thread of its own in the network namespace at <paramref name="path"/>. Blocks until it has ended.
    /// </summary>
    public static void Run(string path, Action action) => DedicatedThread.Run(() =>
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
}
