namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Connections of Unix sockets that a program has not accepted yet. CRIU can't dump one to which its client has written already
/// ("Non-empty write queue on an in-flight socket"); a program that runs accepts it in a moment.
/// </summary>
internal static class UnixBacklog
{
    private const string Connecting = "02"; // SS_CONNECTING (linux/net.h): of a connection that belongs to no descriptor yet

    /// <summary>Whether there is one in the network namespace of a process.</summary>
    public static bool HasPending(int pid)
    {
        try
        {
            // Num RefCount Protocol Flags Type St Inode Path
            return File.ReadLines(FormattableString.Invariant($"/proc/{pid}/net/unix"))
                .Any(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, _, _, Connecting, "0", ..]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // the process has ended
        }
    }
}
