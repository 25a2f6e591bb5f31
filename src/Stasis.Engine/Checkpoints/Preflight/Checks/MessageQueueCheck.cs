namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// POSIX message queues that no process needs to have open: CRIU dumps their file system only if it is empty (CRIU 4.2, criu/filesystems.c:
/// "mqueue isn't empty").
/// </summary>
internal static class MessageQueueCheck
{
    private const string Kind = "message-queue";

    public static IEnumerable<PreflightFinding> Find(PreflightContext context) =>
        from mount in context.Mounts
        where mount.Type == "mqueue"
        from queue in List($"/proc/{context.Container.State.Pid}/root{mount.Point}")
        let path = Path.Combine(mount.Point, queue)
        select new PreflightFinding
        {
            Severity = context.CriuLimit,
            Kind = Kind,
            Path = path,
            Message = $"the POSIX message queue {path} exists, which CRIU can't dump",
            Remedy = $"remove it: mq_unlink(3), or rm {path} in the container",
        };

    private static string[] List(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // the container has ended
        }
    }
}
