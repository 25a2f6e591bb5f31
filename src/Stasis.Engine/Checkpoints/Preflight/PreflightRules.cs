using Stasis.Engine.Checkpoints.Preflight.Rules;

namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>All rules.</summary>
internal static class PreflightRules
{
    private static readonly PreflightRule[] All =
    [
        new(ExecCommandRule.Find),
        new(TracedProcessRule.Find, HoldsForMemory: true),
        new(StoppedProcessRule.Find, HoldsForMemory: true),
        new(EndedProcessRule.Find, HoldsForMemory: true),
        new(ForeignSessionRule.Find),
        new(ProcessLimitsRule.Find),
        new(NamespaceRule.Find),
        new(MappingRule.Find, HoldsForMemory: true),
        new(TcpConnectionRule.Find),
        new(SocketRule.Find),
        new(UnixPeerRule.Find),
        new(FileLockRule.Find),
        new(KernelObjectRule.Find),
        new(PidFdRule.Find),
        new(DeviceRule.Find),
        new(OutsideFileRule.Find),
        new(DeletedFileRule.Find),
        new(WatchRule.Find),
        new(MountRule.Find),
        new(MessageQueueRule.Find),
        new(MemorySizeRule.Find),
    ];

    /// <summary>Applies all rules. The findings come with the obstacles first.</summary>
    public static IReadOnlyList<PreflightFinding> Apply(PreflightContext context) =>
        [.. All.SelectMany(rule => Apply(rule, context)).OrderByDescending(finding => finding.Severity)];

    // CRIU's pre-dump looks at no files.
    private static IEnumerable<PreflightFinding> Apply(PreflightRule rule, PreflightContext context) =>
        context.Options.PreCheckpoint && !rule.HoldsForMemory
            ? rule.Find(context).Select(finding => finding with { Severity = PreflightSeverity.Note })
            : rule.Find(context);
}
