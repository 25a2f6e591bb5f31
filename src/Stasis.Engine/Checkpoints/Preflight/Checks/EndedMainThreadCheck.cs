namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>Processes whose main thread has ended while others run on (CRIU 4.2, criu/seize.c: "Zombies with threads").</summary>
internal static class EndedMainThreadCheck
{
    private const string Kind = "ended-main-thread";

    public static IEnumerable<PreflightFinding> Find(PreflightContext context) =>
        from process in context.Processes.Ended
        where process.ThreadCount > 1
        select new PreflightFinding
        {
            Severity = context.CriuLimit,
            Kind = Kind,
            Pid = process.Pid,
            Process = process.Name,
            Message = "its main thread has ended and other threads run on, which CRIU can't dump",
            Remedy = "let the main thread wait for the others (pthread_join) in place of pthread_exit",
        };
}
