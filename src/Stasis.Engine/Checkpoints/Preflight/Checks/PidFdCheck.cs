using System.Globalization;

namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// Descriptors of processes (pidfd_open(2)). CRIU 4.1 and later takes those of processes that it dumps (criu/pidfd.c), and of ones that
/// have ended.
/// </summary>
internal static class PidFdCheck
{
    private const string Kind = "pidfd";
    private const int Ended = -1;
    private static readonly Version First = new(4, 1);

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        var dumped = context.Processes.Dumped.Concat(context.Processes.Ended).Select(process => process.Pid).ToHashSet();
        var isOld = context.CriuVersion < First;
        return
            from open in context.Descriptors
            where open.Descriptor.AnonymousKind == "[pidfd]"
            let pid = open.Descriptor.InfoNumber("Pid")
            where pid is not null && (isOld || (pid != Ended && !dumped.Contains(pid.Value)))
            select new PreflightFinding
            {
                Severity = context.CriuLimit,
                Kind = Kind,
                Pid = open.Process.Pid,
                Process = open.Process.Name,
                Descriptor = open.Descriptor.Number,
                Message = isOld
                    ? $"a descriptor of a process, which CRIU {context.CriuVersion} can't dump"
                    : string.Create(CultureInfo.InvariantCulture, $"a descriptor of PID {pid}, a process outside of the container"),
                Remedy = isOld ? "use CRIU 4.1 or newer" : "have the program close it",
            };
    }
}
