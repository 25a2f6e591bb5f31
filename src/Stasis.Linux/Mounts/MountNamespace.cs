using Stasis.Linux.Native;
using Stasis.Linux.Processes;

namespace Stasis.Linux.Mounts;

/// <summary>Mount namespaces.</summary>
public static class MountNamespace
{
    /// <summary>
    /// Runs an action on a thread of its own in a new mount namespace. Blocks until the action has ended. No other process sees what it
    /// mounts; the mounts vanish with the thread, however it ends.
    /// </summary>
    public static void RunInNew(Action action) => DedicatedThread.Run(() =>
    {
        // CLONE_FS: a thread that shares its root and working directory with others may not change its mount namespace.
        if (Libc.unshare(Libc.CLONE_FS | Libc.CLONE_NEWNS) != 0)
            throw LinuxException.Last("unshare", "mount namespace");
        Mount.Make(null, "/", null, MountFlags.Recursive | MountFlags.Slave, null);
        action();
    });
}
