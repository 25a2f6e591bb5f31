using System.Globalization;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Model;

namespace Stasis.Engine.Containers.Exec;

/// <summary>
/// Finds the commands that exec runs in a container. Their parents are on the host. So they aren't in the tree below the
/// container's first process, which is all that CRIU dumps: CRIU leaves them out with no more than a line in its log (CRIU 4.2,
/// criu/seize.c: "Unexpected process in the freezer cgroup").
/// </summary>
internal static class ExecProcesses
{
    /// <summary>Returns the host PIDs of the commands that run now, without their children. A checkpoint would lose them.</summary>
    public static IReadOnlyList<int> Find(Container container)
    {
        var processes = ContainerCgroup.Processes(container);
        return [.. processes.Where(pid => pid != container.State.Pid && ReadParent(pid) is { } parent && !processes.Contains(parent))];
    }

    // proc(5) stat: PID (name, which may contain any character) state parent ….
    private static int? ReadParent(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // the process has ended
        }
    }
}
