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
}
