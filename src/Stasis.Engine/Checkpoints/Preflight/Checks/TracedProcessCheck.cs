namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>Processes that a debugger traces. A process has one tracer, and CRIU has to be it.</summary>
internal static class TracedProcessCheck
{
    private const string Kind = "traced-process";

    public static IEnumerable<PreflightFinding> Find(PreflightContext context) =>
        from process in context.Processes.Dumped
        let tracer = process.FindTracer()
        where tracer != 0
        select new PreflightFinding
        {
            Severity = PreflightSeverity.Refused,
            Kind = Kind,
            Pid = process.Pid,
            Process = process.Name,
            Message = FormattableString.Invariant($"is traced by PID {tracer} ({ContainerProcess.TryRead(tracer)?.Name}), ")
                + "as by strace or a debugger: CRIU can't trace it as well",
            Remedy = "end the tracer, or have it detach",
        };
}
