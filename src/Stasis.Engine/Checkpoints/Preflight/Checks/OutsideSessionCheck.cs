namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// Processes whose session's leader is outside of the container's PID namespace, as those that nsenter(1) has left behind (CRIU 4.2,
/// criu/cr-dump.c: "A session leader of … is outside of its pid namespace").
/// </summary>
internal static class OutsideSessionCheck
{
    private const string Kind = "foreign-session";

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        if (context.First?.Sessions is not [_, ..] sessions)
            return [];
        return
            from process in context.Processes.Dumped
            where process.Sessions.ElementAtOrDefault(sessions.Count - 1) == 0
            select new PreflightFinding
            {
                Severity = context.CriuLimit,
                Kind = Kind,
                Pid = process.Pid,
                Process = process.Name,
                Message = "belongs to a session of the host, as a program that nsenter has started",
                Remedy = "end it, and start such programs with stasis exec CONTAINER COMMAND",
            };
    }
}
