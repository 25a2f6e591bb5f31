using System.Globalization;
using System.Net;
using Stasis.Linux.Network;

namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>Established TCP connections, which a checkpoint holds only if that is asked for.</summary>
internal static class TcpConnectionCheck
{
    private const string Kind = "tcp-connection";

    // include/net/tcp_states.h: all states except SYN_RECV and TIME_WAIT, in which no process has the socket, and CLOSE and
    // LISTEN, which are no connections.
    private static readonly string[] Connected = ["01", "02", "04", "05", "08", "09", "0B"];

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        if (context.HasCriuOption("tcp-established"))
            return [];
        // In the host's network namespace most connections belong to others.
        var sockets = (
            from open in context.Descriptors
            where open.Descriptor.SocketInode is not null && SocketProtocol.TryRead(open.Descriptor.Link) is "TCP" or "TCPv6" or null
            select (open.Process, open.Descriptor, Inode: open.Descriptor.SocketInode!.Value)).ToList();
        var connections = sockets.DistinctBy(socket => socket.Process.Namespace("net"))
            .SelectMany(socket => Read(socket.Process.Read("net/tcp")).Concat(Read(socket.Process.Read("net/tcp6"))))
            .ToLookup(connection => connection.Inode);
        return
            from socket in sockets.DistinctBy(socket => socket.Inode)
            from connection in connections[socket.Inode].Take(1)
            select new PreflightFinding
            {
                Severity = context.WritesCriuConfig ? PreflightSeverity.NeedsOption : PreflightSeverity.Note,
                Kind = Kind,
                Pid = socket.Process.Pid,
                Process = socket.Process.Name,
                Descriptor = socket.Descriptor.Number,
                Path = $"{connection.Local} to {connection.Remote}",
                Message = $"an established TCP connection, {connection.Local} to {connection.Remote}",
                Remedy = "keep it with --tcp-established (and restore with --tcp-established, or with --tcp-close to close it), "
                    + "or end it first",
                Option = "--tcp-established",
            };
    }

    // proc_net_tcp: sl local remote st tx:rx tr:when retrnsmt uid timeout inode …
    private static IEnumerable<(string Local, string Remote, uint Inode)> Read(string table) =>
        from line in table.Split('\n').Skip(1)
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where fields.Length > 9 && Connected.Contains(fields[3]) && fields[9] != "0"
        select (EndPoint(fields[1]), EndPoint(fields[2]), uint.Parse(fields[9], CultureInfo.InvariantCulture));

    // The address is words of 32 bits in the host's byte order; the port is plain hexadecimal.
    private static string EndPoint(string text)
    {
        var (address, port) = text.Split(':') is [var before, var after] ? (before, after) : (text, "0");
        var bytes = Convert.FromHexString(address);
        for (var word = 0; word < bytes.Length; word += 4)
            Array.Reverse(bytes, word, 4);
        return new IPEndPoint(new IPAddress(bytes), int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString();
    }
}
