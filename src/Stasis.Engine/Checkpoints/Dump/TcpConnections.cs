using System.Globalization;
using System.Net;
using Stasis.Engine.Containers.Exec;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>Checks for established TCP connections, which a checkpoint holds only if that is asked for.</summary>
internal static class TcpConnections
{
    private const int Shown = 10;

    // include/net/tcp_states.h: all states except SYN_RECV and TIME_WAIT, in which no process has the socket, and CLOSE and
    // LISTEN, which are no connections.
    private static readonly string[] Connected = ["01", "02", "04", "05", "08", "09", "0B"];

    /// <summary>Requires that the processes of a running container have no established connections.</summary>
    /// <exception cref="InvalidStateException">They have; the message names the first ten.</exception>
    public static void RequireNone(Container container)
    {
        var connections = FindEstablished(container);
        if (connections.Count == 0)
            return;
        var more = connections.Count > Shown ? $" and {connections.Count - Shown} more" : "";
        throw new InvalidStateException(
            $"cannot checkpoint container {container.Name}: it has established TCP connections: "
            + $"{string.Join(", ", connections.Take(Shown))}{more}")
        {
            Remedy = "keep them with --tcp-established (and restore with --tcp-established, or with --tcp-close to close them), "
                + "or end them first",
        };
    }

    private static List<string> FindEstablished(Container container)
    {
        var process = $"/proc/{container.State.Pid}";
        var candidates = Read($"{process}/net/tcp").Concat(Read($"{process}/net/tcp6")).ToList();
        if (candidates.Count == 0)
            return [];
        // In the host's network namespace most connections belong to others. In the container's own, some may belong to commands of exec.
        var exec = ExecProcesses.Find(container).ToHashSet();
        var owned = SocketHolders.Find(ContainerCgroup.Processes(container).Where(pid => !exec.Contains(pid)));
        return
        [
            .. candidates.Where(connection => owned.ContainsKey(connection.Inode))
                .Select(connection => $"{connection.Local} to {connection.Remote}"),
        ];
    }

    // proc_net_tcp: sl local remote st tx:rx tr:when retrnsmt uid timeout inode …
    private static IEnumerable<(string Local, string Remote, uint Inode)> Read(string path) => !File.Exists(path) ? [] :
        from line in File.ReadAllLines(path).Skip(1)
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
