namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>Commands of exec, which aren't beneath the container's first process: no restore could have them.</summary>
internal static class ExecCommandCheck
{
    private const string Kind = "exec-command";

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        var pids = context.Processes.Others.Select(process => process.Pid).ToHashSet();
        return
            from process in context.Processes.Others
            where !pids.Contains(process.Parent) && !process.HasEnded
            select new PreflightFinding
            {
                Severity = context.Options.LeaveRunning ? PreflightSeverity.Note : PreflightSeverity.NeedsOption,
                Kind = Kind,
                Pid = process.Pid,
                Process = process.Name,
                Message = context.Options.LeaveRunning
                    ? "a command started with exec, which runs on and is left out of the checkpoint"
                    : "a command started with exec, which a checkpoint can't hold",
                Remedy = context.Options.LeaveRunning
                    ? null
                    : "end it first, or use --leave-running, which leaves it running and out of the archive",
                Option = context.Options.LeaveRunning ? null : "--leave-running",
            };
    }
}
