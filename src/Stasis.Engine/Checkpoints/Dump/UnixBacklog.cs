using Stasis.Linux;
using Stasis.Linux.Network;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Connections of Unix sockets that a program has not accepted yet. CRIU can't dump one to which its client has written already
/// ("Non-empty write queue on an in-flight socket"); a program that runs accepts it in a moment. And datagrams that a program has not
/// read yet: CRIU can't dump one that comes with its sender's credentials ("Control messages in queue, not supported"), as those to
/// syslog(3) do.
/// </summary>
internal static class UnixBacklog
{
    private const string Datagrams = "0002"; // SOCK_DGRAM
    private const string Connecting = "02"; // SS_CONNECTING (linux/net.h): of a connection that belongs to no descriptor yet

    /// <summary>Whether there is one in the network namespace of a process.</summary>
    public static bool HasPending(int pid) => HasLine(pid, line => line is [_, _, _, _, _, Connecting, "0", ..]);

    /// <summary>Whether a datagram waits at a socket with a name in the network namespace of a process.</summary>
    public static bool HasUnreadDatagrams(int pid)
    {
        try
        {
            return HasLine(pid, line => line is [_, _, _, _, Datagrams, _, _, _, ..])
                && UnixSocketTable.Read(FormattableString.Invariant($"/proc/{pid}/ns/net")).Any(socket => socket is
                {
                    IsDatagram: true, Unread: > 0, Name.Length: > 0,
                });
        }
        catch (LinuxException)
        {
            return false; // the process has ended, or the kernel has no sock_diag for it
        }
    }

    private static bool HasLine(int pid, Func<string[], bool> isSought)
    {
        try
        {
            // Num RefCount Protocol Flags Type St Inode Path
            return File.ReadLines(FormattableString.Invariant($"/proc/{pid}/net/unix"))
                .Any(line => isSought(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // the process has ended
        }
    }
}
