using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Criu;
using Stasis.Engine.Jail;
using Stasis.Engine.Oci;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// Has conmon restore a container's processes: in a jail, where it runs "stasis run-jailed PLAN" in place of the runtime
/// (<see cref="JailedRestore.Run"/>), unless its spec has hooks (<see cref="RestoreJail.IsUsed"/>).
/// </summary>
internal static class RestoreLauncher
{
    private const int MaxNamed = 8; // cgroups in a warning

    /// <summary>
    /// Restores the processes, which run at once. Records the PIDs: from then on the container is alive. After a failure nothing of it
    /// runs.
    /// </summary>
    /// <param name="locked">The container, mounted, whose cgroups are made (<see cref="RestoreJail.PrepareCgroups"/>).</param>
    /// <param name="request">What they are restored from.</param>
    /// <param name="cancellation">A cancelled call leaves what a failed one leaves.</param>
    public static async Task RunAsync(LockedContainer locked, RestoreRequest request, CancellationToken cancellation)
    {
        var spec = ContainerLauncher.WriteSpec(locked);
        IReadOnlyList<string>? command = null;
        if (RestoreJail.IsUsed(locked.Container))
        {
            WarnOfNestedCgroups(locked, request.Images);
            command = await JailPlanBuilder.PrepareAsync(locked, spec, request, cancellation);
        }
        locked.Runtime.RequireCriu();
        var launch = ContainerLauncher.CreateRequest(locked) with { Restore = request, RuntimeCommand = command };
        var (pid, conmonPid) = await ConmonLauncher.LaunchAsync(locked.Runtime, launch, cancellation);
        locked.SaveAsRunning(pid, conmonPid);
    }

    // CRIU leaves cgroups alone in the jail.
    private static void WarnOfNestedCgroups(LockedContainer locked, string images)
    {
        var nested = CgroupImage.ReadNested(Path.Combine(images, CgroupImage.Name));
        if (nested.Count > 0)
        {
            locked.Engine.Warn(
                $"container {locked.Container.Name}: cgroups that it had made in its own are not restored, their processes are in its own: "
                + string.Join(", ", nested.Take(MaxNamed)) + (nested.Count > MaxNamed ? ", …" : ""));
        }
    }
}
