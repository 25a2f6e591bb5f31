using System.Globalization;
using System.Net;
using Stasis.Engine.Containers.Exec;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>Established TCP connections: a checkpoint holds them only if asked to.</summary>
internal static class TcpConnections
{
    private const int Shown = 10;

    // include/net/tcp_states.h: all but SYN_RECV and TIME_WAIT, which no process has yet or any more, CLOSE and LISTEN, which are no connections.
    private static readonly string[] Connected = ["01", "02", "04", "05", "08", "09", "0B"];

    /// <summary>Requires that the container's processes have none.</summary>
    /// <exception cref="InvalidStateException">They have; it names them.</exception>
    public static void Refuse(Container container)
    {
        var connections = FindEstablished(container);
        if (connections.Count == 0)
            return;
        var more = connections.Count > Shown ? $" and {connections.Count - Shown} more" : "";
        throw new InvalidStateException($"cannot checkpoint container {container.Name}: it has established TCP connections: {string.Join(", ", connections.Take(Shown))}{more}")
        {
            Remedy = "keep them with --tcp-established (and restore with --tcp-established, or with --tcp-close to close them), or end them first",
        };
    }

    private static List<string> FindEstablished(Container container)
    {
        var process = $"/proc/{container.State.Pid}";
        var candidates = Read($"{process}/net/tcp").Concat(Read($"{process}/net/tcp6")).ToList();
        if (candidates.Count == 0)
            return [];
        // In the host's namespace most are others'; in the container's own, some may be those of commands that exec runs.
        var exec = ExecSessions.In(container).ToHashSet();
        var owned = ContainerCgroup.Processes(container).Where(pid => !exec.Contains(pid)).SelectMany(Sockets).ToHashSet();
        return [.. candidates.Where(connection => owned.Contains(connection.Inode)).Select(connection => $"{connection.Local} to {connection.Remote}")];
    }

    // proc_net_tcp: sl local remote st tx:rx tr:when retrnsmt uid timeout inode …
    private static IEnumerable<(string Local, string Remote, string Inode)> Read(string path) => !File.Exists(path) ? [] :
        from line in File.ReadAllLines(path).Skip(1)
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where fields.Length > 9 && Connected.Contains(fields[3]) && fields[9] != "0"
        select (EndPoint(fields[1]), EndPoint(fields[2]), fields[9]);

    // Words of 32 bits in the host's order, then the port in plain hexadecimal.
    private static string EndPoint(string text)
    {
        var (address, port) = text.Split(':') is [var before, var after] ? (before, after) : (text, "0");
        var bytes = Convert.FromHexString(address);
        for (var word = 0; word < bytes.Length; word += 4)
            Array.Reverse(bytes, word, 4);
        return new IPEndPoint(new IPAddress(bytes), int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString();
    }

    private static IEnumerable<string> Sockets(int pid)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Select(path => new FileInfo(path).LinkTarget).OfType<string>()
                .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal)).Select(target => target["socket:[".Length..^1])];
        }
        catch (IOException)
        {
            return []; // it has ended
        }
    }
}
