using Stasis.Engine.Containers.Supervision;

namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// Processes that SIGSTOP or Ctrl-Z has stopped. They are kept so; but for a pre-checkpoint CRIU freezes the processes itself, and with
/// v1's freezer it would wait for them for ever.
/// </summary>
internal static class StoppedProcessCheck
{
    private const string Kind = "stopped-process";

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        var isObstacle = context.Options.PreCheckpoint && ContainerCgroup.HasLegacyFreezer(context.Container);
        return
            from process in context.Processes.Dumped
            where process.State == 'T'
            select new PreflightFinding
            {
                Severity = isObstacle ? PreflightSeverity.Refused : PreflightSeverity.Note,
                Kind = Kind,
                Pid = process.Pid,
                Process = process.Name,
                Message = isObstacle
                    ? "is stopped (SIGSTOP or Ctrl-Z), which a pre-checkpoint can't wait for"
                    : "is stopped (SIGSTOP or Ctrl-Z), and stays so",
                Remedy = isObstacle
                    ? "continue it (kill -CONT PID), or make a checkpoint without --pre-checkpoint, which can hold it"
                    : null,
            };
    }
}
