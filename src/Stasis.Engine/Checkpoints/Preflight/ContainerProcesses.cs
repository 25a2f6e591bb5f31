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
        var all = ContainerCgroup.Processes(container).Append(first).Distinct().Order()
            .Select(ContainerProcess.TryRead).OfType<ContainerProcess>().ToDictionary(process => process.Pid);
        var tree = all.Values.ToLookup(IsInTree);
        var dumped = tree[true].ToLookup(process => process.HasEnded);
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
}
