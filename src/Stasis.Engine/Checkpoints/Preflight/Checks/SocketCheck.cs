using Stasis.Linux.Network;

namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// Sockets of protocols that CRIU doesn't know (CRIU 4.2, criu/sockets.c: dump_socket; criu/sk-inet.c: can_dump_ipproto).
/// </summary>
internal static class SocketCheck
{
    private const string Kind = "socket";

    // The kernel's names: struct proto.
    private static readonly HashSet<string> Dumped =
    [
        "TCP", "TCPv6", "UDP", "UDPv6", "UDP-Lite", "UDPLITEv6", "RAW", "RAWv6", "PING", "PINGv6", "UNIX", "UNIX-STREAM",
        "NETLINK", "PACKET",
    ];

    public static IEnumerable<PreflightFinding> Find(PreflightContext context) =>
        from open in context.Descriptors
        where open.Descriptor.SocketInode is not null
        let protocol = SocketProtocol.TryRead(open.Descriptor.Link)
        where protocol is not null && !Dumped.Contains(protocol)
        select new PreflightFinding
        {
            Severity = context.CriuLimit,
            Kind = Kind,
            Pid = open.Process.Pid,
            Process = open.Process.Name,
            Descriptor = open.Descriptor.Number,
            Path = protocol,
            Message = $"a socket of the protocol {protocol}, which CRIU can't dump",
            Remedy = protocol.StartsWith("MPTCP", StringComparison.Ordinal)
                ? "use plain TCP: a program in Go does with GODEBUG=multipathtcp=0, others when net.mptcp.enabled is 0"
                : "have the program close it",
        };
}
