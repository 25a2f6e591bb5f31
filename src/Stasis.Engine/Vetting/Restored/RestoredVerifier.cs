using Stasis.Engine.Model;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>
/// Compares a container that was restored, and hasn't run, with its spec: what the kernel says of its mounts, processes and open files. It
/// relies neither on CRIU's images nor on what was found in them.
/// </summary>
internal static class RestoredVerifier
{
    /// <summary>The rules.</summary>
    public static IReadOnlyList<RuleDescriptor> Rules { get; } =
    [
        RestoredMountRule.Rule, RestoredMountRule.ContainerMountRule, RestoredMaskRule.Rule, RestoredFileRule.Rule,
        RestoredFileRule.KernelRule,
        RestoredProcessRule.Rule, RestoredLimitRule.LimitRule, RestoredLimitRule.OomRule, RestoredLimitRule.PriorityRule,
        RestoredLimitRule.LoginRule,
    ];

    /// <summary>Finds everything that isn't as the spec implies.</summary>
    /// <exception cref="IOException">A process can't be read.</exception>
    /// <exception cref="OperationCanceledException">The time is over.</exception>
    public static IReadOnlyList<Finding> Verify(RestoredContainer container, CancellationToken cancellation)
    {
        List<Finding> findings = [];
        var allowed = new SpecAllowances(container.Spec, new ContainerConfig { Id = "", Name = "" });
        var mounts = new RestoredMountTable(container);
        RestoredMountRule.Check(container, allowed, mounts, findings);
        var files = new RestoredFileRule(mounts, allowed, findings);
        foreach (var process in RestoredThread.ReadAll(container))
        {
            cancellation.ThrowIfCancellationRequested();
            RestoredProcessRule.Check(container, allowed, process, findings);
            RestoredLimitRule.Check(allowed, process, findings);
            if (process.IsFirst)
                files.Check(process);
        }
        return findings;
    }
}
