using System.Globalization;
using System.Text;

namespace Stasis.Engine.Oci;

/// <summary>
/// Moves of processes between cgroups. Each waits for an RCU grace period, some 10 ms, but for those that follow another within another
/// period (kernel: rcu_sync_enter of cgroup_threadgroup_rwsem).
/// </summary>
internal static class CgroupMoves
{
    /// <summary>
    /// Begins to wait for that period, so that a move that comes later needn't: this process is moved to where it is. Doesn't block.
    /// </summary>
    public static void Anticipate() => new Thread(MoveNowhere) { IsBackground = true, Name = "cgroup" }.Start();

    private static void MoveNowhere()
    {
        try
        {
            var cgroups = HostCgroups.Read();
            foreach (var line in File.ReadLines("/proc/self/cgroup"))
            {
                // "0::/path" for cgroup2; "1:name=systemd:/path".
                var fields = line.Split(':', 3);
                var hierarchy = fields[1].Length == 0 ? cgroups.Unified : cgroups.Legacy.GetValueOrDefault(fields[1].Split(',')[0]);
                if (hierarchy is null)
                    continue;
                Move(Environment.ProcessId, hierarchy + fields[2]);
                return;
            }
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            return; // read-only cgroups, as in some containers: nothing is moved there
        }
    }

    /// <summary>Moves a process.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="cgroup">The cgroup's folder.</param>
    public static void Move(int pid, string cgroup)
    {
        var file = Path.Combine(cgroup, "cgroup.procs");
        using var processes = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        processes.Write(Encoding.ASCII.GetBytes(pid.ToString(CultureInfo.InvariantCulture)));
    }
}
