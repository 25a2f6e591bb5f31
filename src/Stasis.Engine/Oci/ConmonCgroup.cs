namespace Stasis.Engine.Oci;

/// <summary>
/// The cgroup of all conmons, which belongs neither to a container (whose freezer and limits would hold conmon) nor to the caller
/// (a service, say, that kills its cgroup when it ends). Only the hierarchy by which service managers track processes is used:
/// cgroup2, or else name=systemd of v1. More would be slow (<see cref="CgroupMoveWarmup"/>). On hosts with v1
/// controllers the container's processes stay in this group too, since runc then leaves cgroup2 alone; so CRIU, which dumps the
/// tree below a task's group, has little to dump.
/// </summary>
internal static class ConmonCgroup
{
    /// <summary>The group's path below the hierarchy's root: a sibling of the containers' groups.</summary>
    private const string Name = "stasis/conmon";

    /// <summary>
    /// Moves a process into the group. Where cgroups are read-only, as in some containers, the process stays in its group, as
    /// with Podman.
    /// </summary>
    public static void Join(int pid)
    {
        try
        {
            var cgroups = HostCgroups.Read();
            if ((cgroups.Unified ?? cgroups.Legacy.GetValueOrDefault("name=systemd")) is not { } root)
                return;
            var group = Path.Combine(root, Name);
            Directory.CreateDirectory(group);
            Cgroup.Move(pid, group);
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            return;
        }
    }
}
