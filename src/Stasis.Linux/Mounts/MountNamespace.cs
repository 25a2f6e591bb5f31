using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;
using Stasis.Linux.Processes;

namespace Stasis.Linux.Mounts;

/// <summary>Mount namespaces.</summary>
public static class MountNamespace
{
    /// <summary>
    /// Runs an action on a thread of its own in a new mount namespace. Blocks until the action has ended. No other process sees what it
    /// mounts; the mounts vanish with the thread, however it ends. The action must not wait for tasks: threads of the pool that are started
    /// meanwhile would be in the namespace.
    /// </summary>
    public static void RunInNew(Action action) => RunInNew(() =>
    {
        action();
        return true;
    });

    /// <summary>As <see cref="RunInNew(Action)"/>, and returns what the function does.</summary>
    public static T RunInNew<T>(Func<T> function) => DedicatedThread.Run(() =>
    {
        // CLONE_FS: a thread that shares its root and working directory with others may not change its mount namespace.
        if (Libc.unshare(Libc.CLONE_FS | Libc.CLONE_NEWNS) != 0)
            throw LinuxException.Last("unshare", "mount namespace");
        Mount.Make(null, "/", null, MountFlags.Recursive | MountFlags.Slave, null);
        return function();
    });

    /// <summary>Opens the calling thread's mount namespace: it and its mounts stay as long as the handle is open.</summary>
    public static SafeFileHandle OpenOnThread()
    {
        const string Link = "/proc/thread-self/ns/mnt";
        var file = Libc.open(Link, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        return file.IsInvalid ? throw LinuxException.Last("open", Link) : file;
    }

    /// <summary>
    /// Makes the mount at a path the root of the calling thread's mount namespace, and unmounts the former root (pivot_root(2)). The thread
    /// must be one of <see cref="RunInNew"/>.
    /// </summary>
    public static void ReplaceRoot(string path)
    {
        if (Libc.chdir(path) != 0)
            throw LinuxException.Last("chdir", path);
        if (Libc.pivot_root_here() != 0)
            throw LinuxException.Last("pivot_root", path);
        // The former root lies on the new one, at ".".
        if (Libc.umount2(".", Libc.MNT_DETACH) != 0)
            throw LinuxException.Last("umount", "the former root");
        if (Libc.chdir("/") != 0)
            throw LinuxException.Last("chdir", "/");
    }
}
