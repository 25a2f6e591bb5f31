using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>
/// Compares a container that was restored, and hasn't run, with its spec: what the kernel says of its mounts, processes and open files. It
/// relies neither on CRIU's images nor on what was found in them.
/// </summary>
internal static class RestoredVerifier
{
    /// <summary>The rules.</summary>
    public static IReadOnlyList<RuleDescriptor> Rules { get; } =
        [RestoredMountRule.Rule, RestoredMaskRule.Rule, RestoredFileRule.Rule, RestoredProcessRule.Rule];

    /// <summary>Finds everything that isn't as the spec implies.</summary>
    /// <exception cref="IOException">A process can't be read.</exception>
    public static IReadOnlyList<Finding> Verify(RestoredContainer container)
    {
        List<Finding> findings = [];
        var mounts = new RestoredMountTable(container);
        RestoredMountRule.Check(container, mounts, findings);
        var files = new RestoredFileRule(mounts, findings);
        foreach (var process in RestoredProcess.ReadAll(container))
        {
            RestoredProcessRule.Check(container, process, findings);
            if (process.IsFirst)
                files.Check(process);
        }
        return findings;
    }
}
