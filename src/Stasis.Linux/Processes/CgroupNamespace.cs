using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>Cgroup namespaces (cgroup_namespaces(7)).</summary>
public static class CgroupNamespace
{
    /// <summary>Puts the calling thread, and what it starts, into a new cgroup namespace, whose roots are this process's cgroups.</summary>
    public static void EnterNewOnThread()
    {
        if (Libc.unshare(Libc.CLONE_NEWCGROUP) != 0)
            throw LinuxException.Last("unshare", "cgroup namespace");
    }

    /// <summary>Makes a new cgroup namespace, whose roots are this process's cgroups, and in which nothing is.</summary>
    public static SafeFileHandle OpenNew() => DedicatedThread.Run(() =>
    {
        const string Link = "/proc/thread-self/ns/cgroup";
        EnterNewOnThread();
        var file = Libc.open(Link, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        return file.IsInvalid ? throw LinuxException.Last("open", Link) : file;
    });
}
