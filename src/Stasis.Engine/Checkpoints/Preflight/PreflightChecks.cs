using Stasis.Engine.Checkpoints.Preflight.Checks;

namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>All checks.</summary>
internal static class PreflightChecks
{
    private static readonly PreflightCheck[] All =
    [
        new(ExecCommandCheck.Find),
        new(TracedProcessCheck.Find, HoldsForMemory: true),
        new(StoppedProcessCheck.Find, HoldsForMemory: true),
        new(EndedMainThreadCheck.Find, HoldsForMemory: true),
        new(OutsideSessionCheck.Find),
        new(UnreadableRlimitCheck.Find),
        new(NamespaceCheck.Find),
        new(MappingCheck.Find, HoldsForMemory: true),
        new(TcpConnectionCheck.Find),
        new(SocketCheck.Find),
        new(UnixPeerCheck.Find),
        new(AnonymousInodeCheck.Find),
        new(PidFdCheck.Find),
        new(DeviceCheck.Find),
        new(OutsideFileCheck.Find),
        new(DeletedFileCheck.Find),
        new(MountCheck.Find),
        new(HostMountCheck.Find),
        new(MessageQueueCheck.Find),
        new(DumpDiskSpaceCheck.Find),
    ];

    /// <summary>Makes all checks. The findings come with the obstacles first.</summary>
    public static IReadOnlyList<PreflightFinding> Apply(PreflightContext context) =>
        [.. All.SelectMany(check => Apply(check, context)).OrderByDescending(finding => finding.Severity)];

    // CRIU's pre-dump looks at no files.
    private static IEnumerable<PreflightFinding> Apply(PreflightCheck check, PreflightContext context) =>
        context.Options.PreCheckpoint && !check.HoldsForMemory
            ? check.Find(context).Select(finding => finding with { Severity = PreflightSeverity.Note })
            : check.Find(context);
}
