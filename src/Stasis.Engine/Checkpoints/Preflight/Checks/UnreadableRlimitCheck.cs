using System.Globalization;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// Processes whose resource limits this process may not read: with CAP_SYS_RESOURCE prlimit(2) reads those of any, without it only those of
/// processes whose user and group IDs are all the caller's own.
/// </summary>
internal static class UnreadableRlimitCheck
{
    private const string Kind = "process-limits";
    private const int SysResource = 24; // CAP_SYS_RESOURCE
    private const int Compared = 3; // the ID of file access isn't

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        if (ContainerProcess.TryRead(Environment.ProcessId) is not { } self || HasSysResource(self))
            return [];
        var (uid, gid, userNamespace) = (self.Uids[0], self.Gids[0], self.Namespace("user"));
        return
            from process in context.Processes.Dumped
            where process.Uids.Take(Compared).Any(id => id != uid) || process.Gids.Take(Compared).Any(id => id != gid)
            where process.Namespace("user") == userNamespace
            select new PreflightFinding
            {
                Severity = context.CriuLimit,
                Kind = Kind,
                Pid = process.Pid,
                Process = process.Name,
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"runs as user {process.Uids[1]}, group {process.Gids[1]}: without CAP_SYS_RESOURCE, CRIU can't read its limits"),
                Remedy = "run stasis with the capability CAP_SYS_RESOURCE, which this root lacks (stasis doctor)",
            };
    }

    private static bool HasSysResource(ContainerProcess process) =>
        ProcStatus.Find(process.Read("status"), "CapEff") is { } set
        && (ulong.Parse(set, NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> SysResource & 1) != 0;
}
