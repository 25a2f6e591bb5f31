using System.Text.RegularExpressions;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>Facts about sockets of a network namespace: those that listen, and Unix sockets that have a name.</summary>
internal static partial class SocketFacts
{
    private const int TcpListening = 0x0A;

    /// <summary>The sockets of a process's network namespace.</summary>
    /// <param name="process">A PID, or "self".</param>
    public static IEnumerable<Fact> Read(string process)
    {
        var net = $"/proc/{process}/net";
        string[] protocols = ["tcp", "tcp6", "udp", "udp6", "raw"];
        return FactList.Number([.. Unix(net), .. protocols.SelectMany(protocol => Internet(net, protocol)), .. Packet(net)]);
    }

    // Num RefCount Protocol Flags Type St Inode Path; the flag __SO_ACCEPTCON says that it listens.
    private static IEnumerable<Fact> Unix(string net) =>
        from line in File.ReadLines($"{net}/unix").Skip(1)
        let fields = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries)
        where fields.Length == 8 || fields[3] != "00000000"
        // Accepted connections have their listener's name: as many as there are clients, who come and go.
        where fields[3] != "00000000" || fields[5] == "01"
        let name = fields.Length == 8 ? Descriptor().Replace(fields[7], "/fd/N/") : "without name"
        select new Fact($"unix socket {name}", $"flags {fields[3]} type {fields[4]}");

    // sl local_address rem_address st …
    private static IEnumerable<Fact> Internet(string net, string protocol) =>
        from line in TryReadLines($"{net}/{protocol}").Skip(1)
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where !protocol.StartsWith("tcp", StringComparison.Ordinal) || Convert.ToInt32(fields[3], 16) == TcpListening
        select new Fact($"{protocol} socket {fields[1]}", "bound");

    private static IEnumerable<Fact> Packet(string net) =>
        from line in TryReadLines($"{net}/packet").Skip(1)
        select new Fact("packet socket", line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]);

    private static IEnumerable<string> TryReadLines(string path) => File.Exists(path) ? File.ReadLines(path) : [];

    // conmon binds its socket beneath a descriptor, whose number may be another each time.
    [GeneratedRegex("/fd/[0-9]+/")]
    private static partial Regex Descriptor();
}
