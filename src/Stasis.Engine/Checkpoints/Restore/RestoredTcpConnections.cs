using Stasis.Engine.Archive;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>Established TCP connections that a checkpoint holds: they are restored or closed only if asked to.</summary>
internal static class RestoredTcpConnections
{
    /// <summary>Requires that a checkpoint holds none, or that it was said what becomes of them.</summary>
    /// <param name="checkpoint">The checkpoint's files.</param>
    /// <param name="handling">What was said.</param>
    /// <param name="title">What messages call the checkpoint.</param>
    /// <exception cref="StasisException">It holds some.</exception>
    public static void RequireHandled(CheckpointEntryPaths checkpoint, TcpConnectionHandling handling, string title)
    {
        if (handling != TcpConnectionHandling.Refuse || !Directory.Exists(checkpoint.Images))
            return;
        var count = Directory.EnumerateFiles(checkpoint.Images, "tcp-stream-*.img").Count();
        if (count > 0)
        {
            throw new StasisException($"{title} holds {count} established TCP connection{(count == 1 ? "" : "s")}")
            {
                Remedy = "close them with --tcp-close, or keep them with --tcp-established, which needs the same IP address",
            };
        }
    }
}
