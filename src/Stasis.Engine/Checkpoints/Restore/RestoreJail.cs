using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Jail;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>Whether a container is restored in a jail, and the cgroups that the jail needs.</summary>
internal static class RestoreJail
{
    /// <summary>Whether the container is restored in a jail. One with hooks isn't: they are programs that have to see the host.</summary>
    public static bool IsUsed(Container container) => DefenceSwitches.Jail && JailPlanBuilder.IsPossible(container.Spec);

    /// <summary>
    /// Makes the cgroups that the jail needs. Comes before all else: what is mounted meanwhile takes about as long as the kernel needs for
    /// the first move into a cgroup.
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="isUntrusted">Whether it isn't this host's own.</param>
    /// <param name="source">What it is restored from, for messages.</param>
    /// <exception cref="RestoreFailedException">A stranger's container would be restored without a jail.</exception>
    public static void PrepareCgroups(Container container, bool isUntrusted, string source)
    {
        // Vetting lets nothing through that would need that; this is what must hold if it did.
        if (isUntrusted && DefenceSwitches.Jail && !IsUsed(container))
            throw new RestoreFailedException($"{source} isn't this host's own, and can't be restored in a jail: its spec has hooks");
        if (IsUsed(container))
            JailPlanBuilder.CreateCgroups(container.Spec);
        CgroupMoveWarmup.Begin();
    }
}
