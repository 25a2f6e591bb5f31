using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>A container whose processes are restored and haven't run, and what it should be.</summary>
internal sealed record RestoredContainer
{
    /// <summary>PID of the first process.</summary>
    public required int Pid { get; init; }

    /// <summary>The container's spec, with this host's sources of binds.</summary>
    public required OciSpec Spec { get; init; }

    /// <summary>Where its root file system is mounted on this host.</summary>
    public required string RootFs { get; init; }

    /// <summary>Its own cgroups: folders below /sys/fs/cgroup.</summary>
    public required IReadOnlyList<string> Cgroups { get; init; }

    /// <summary>
    /// Its cgroups in the hierarchies that aren't mounted on this host, in which nobody can be moved: lines of /proc/PID/cgroup.
    /// </summary>
    public IReadOnlySet<string> InheritedCgroups { get; init; } = new HashSet<string>();
}
