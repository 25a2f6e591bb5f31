using System.Globalization;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>The processes of a running container.</summary>
/// <param name="Dumped">The container's first process and all beneath it: what CRIU dumps. Those that have ended are left out.</param>
/// <param name="Ended">Those of them that have ended, and that their parents don't know of yet.</param>
/// <param name="Others">
/// All others in its cgroups: commands of exec, whose parents are on the host, and what they have started. CRIU leaves them out with no
/// more than a line in its log (CRIU 4.2, criu/seize.c: "Unexpected process in the freezer cgroup").
/// </param>
internal sealed record ContainerProcesses(
    IReadOnlyList<ContainerProcess> Dumped, IReadOnlyList<ContainerProcess> Ended, IReadOnlyList<ContainerProcess> Others)
{
    /// <summary>Reads them.</summary>
    public static ContainerProcesses Read(Container container)
    {
        var first = container.State.Pid;
        var all = ContainerCgroup.Processes(container).Append(first).Distinct()
            .Select(ContainerProcess.TryRead).OfType<ContainerProcess>().ToDictionary(process => process.Pid);
        AddForeign(all, first);
        var tree = all.Values.ToLookup(IsInTree);
        var dumped = tree[true].OrderBy(process => process.Pid).ToLookup(process => process.HasEnded);
        return new ContainerProcesses([.. dumped[false]], [.. dumped[true]], [.. tree[false]]);

        bool IsInTree(ContainerProcess process)
        {
            for (var next = process; ; next = all[next.Parent])
            {
                if (next.Pid == first)
                    return true;
                if (!all.ContainsKey(next.Parent))
                    return false;
            }
        }
    }

    // A program that was moved into the container's namespaces alone, as by nsenter(1), is in none of its cgroups; once its parent has
    // ended, it is a child of the first process, and CRIU finds it there.
    private static void AddForeign(Dictionary<int, ContainerProcess> all, int first)
    {
        var open = new Stack<int>([first]);
        while (open.TryPop(out var next))
        {
            foreach (var process in ReadChildren(all.GetValueOrDefault(next)).Where(pid => !all.ContainsKey(pid))
                .Select(ContainerProcess.TryRead).OfType<ContainerProcess>())
            {
                all.Add(process.Pid, process);
                open.Push(process.Pid);
            }
        }
    }

    // A kernel without CONFIG_PROC_CHILDREN has no such file.
    private static IEnumerable<int> ReadChildren(ContainerProcess? process) =>
        from thread in process?.Threads ?? []
        from pid in (ProcFileReader.TryRead($"{thread}/children") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select int.Parse(pid, CultureInfo.InvariantCulture);
}
