using System.Globalization;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Model;

namespace Stasis.Engine.Containers.Exec;

/// <summary>
/// Commands that exec runs in a container. Their parents are on the host, so they aren't of the tree below the container's first process, which is all that
/// CRIU dumps: it leaves them out and only notes so in its log (CRIU 4.2, criu/seize.c: "Unexpected process in the freezer cgroup").
/// </summary>
internal static class ExecProcesses
{
    /// <summary>Host PIDs of those that run now; what they started isn't listed. A checkpoint that shall lose nothing is to be refused while there are any.</summary>
    public static IReadOnlyList<int> Find(Container container)
    {
        var processes = ContainerCgroup.Processes(container);
        return [.. processes.Where(pid => pid != container.State.Pid && ReadParent(pid) is { } parent && !processes.Contains(parent))];
    }

    // proc(5) stat: PID (name, with anything in it) state parent ….
    private static int? ReadParent(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // it has ended
        }
    }
}
