namespace Stasis.Engine.Oci;

/// <summary>
/// The cgroup in which conmon lives, so that it belongs neither to the container (whose freezer and limits would then hold it) nor to whoever called
/// (who may be a service that takes its cgroup down with it). Only the hierarchy by which service managers track processes is changed, cgroup2 or
/// else v1's name=systemd: each move waits for an RCU grace period, some 10 ms. On hosts with v1 controllers the container's processes stay
/// in this group too, since runc then leaves cgroup2 alone; so CRIU, which dumps the tree below a task's group, has little to dump.
/// </summary>
internal static class ConmonCgroup
{
    /// <summary>The group, beneath the hierarchy's root: containers are its siblings.</summary>
    private const string Name = "stasis/conmon";

    /// <summary>Moves a process there. Where cgroups can't be written to (a container without them), it stays where it is, as it would with Podman.</summary>
    public static void Join(int pid)
    {
        try
        {
            var cgroups = HostCgroups.Read();
            if ((cgroups.Unified ?? cgroups.Legacy.GetValueOrDefault("name=systemd")) is not { } root)
                return;
            var group = Path.Combine(root, Name);
            Directory.CreateDirectory(group);
            using var processes = new FileStream(Path.Combine(group, "cgroup.procs"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            processes.Write(System.Text.Encoding.ASCII.GetBytes($"{pid}\n"));
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            return;
        }
    }
}
