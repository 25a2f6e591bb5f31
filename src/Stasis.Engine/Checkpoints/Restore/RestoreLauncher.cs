using Stasis.Engine.Common;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Jail;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// Has conmon restore a container's processes: in a jail, where it runs "stasis run-jailed PLAN" in place of the runtime
/// (<see cref="RuntimeShim.Run"/>), unless the container needs the host.
/// </summary>
internal static class RestoreLauncher
{
    private const int MaxNamed = 8; // cgroups in a warning

    /// <summary>
    /// Makes the cgroups that the jail needs. Comes before all else: what is mounted meanwhile takes about as long as the kernel needs for
    /// the first move into a cgroup.
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="isUntrusted">Whether it isn't this host's own.</param>
    /// <param name="source">What it is restored from.</param>
    /// <exception cref="RestoreFailedException">A stranger's container would be restored without a jail.</exception>
    public static void Prepare(Container container, bool isUntrusted, string source)
    {
        // Vetting lets nothing through that would need that; this is what must hold if it did.
        if (isUntrusted && Defences.Jail && !IsJailed(container))
            throw new RestoreFailedException($"{source} isn't this host's own, and can't be restored in a jail: its spec has hooks");
        if (IsJailed(container))
            JailPlanBuilder.CreateCgroups(container.Spec);
        CgroupMoves.Anticipate();
    }

    /// <summary>Restores the processes, which run at once.</summary>
    /// <param name="locked">The container, mounted and prepared.</param>
    /// <param name="request">What they are restored from.</param>
    /// <param name="cancellation">A cancelled call leaves what a failed one leaves.</param>
    public static async Task RunAsync(LockedContainer locked, RestoreRequest request, CancellationToken cancellation)
    {
        var spec = ContainerLauncher.WriteSpec(locked);
        IReadOnlyList<string>? command = null;
        if (IsJailed(locked.Container))
        {
            WarnOfNestedCgroups(locked, request.Images);
            command = await JailPlanBuilder.PrepareAsync(locked, spec, request, cancellation);
        }
        await ContainerLauncher.RestoreAsync(locked, request, command, cancellation);
    }

    private static bool IsJailed(Container container) => Defences.Jail && JailPlanBuilder.IsPossible(container.Spec);

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
