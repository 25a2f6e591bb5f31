using System.Globalization;
using System.Text;
using Stasis.Linux.Network;

namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// Unix sockets that CRIU can't dump: connected to a process outside of the container, as through a socket that is mounted into it; or
/// renamed after they were bound to a relative path.
/// </summary>
internal static class UnixPeerCheck
{
    private const string PeerKind = "unix-peer", NameKind = "unix-name";

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        if (context.Options.PreCheckpoint)
            return []; // it takes memory alone
        var processes = context.Processes.Dumped.Select(process => process.Pid).ToHashSet();
        var own = SocketHolders.Find(processes);
        if (own.Count == 0)
            return [];
        var sockets = new Dictionary<uint, UnixSocketEntry>();
        foreach (var process in context.Processes.Dumped.DistinctBy(process => process.Namespace("net")))
            Add(sockets, ReadTable(process.Pid));
        var foreign = own.Where(socket => !sockets.ContainsKey(socket.Key)).ToList()
            .Where(socket => TryAddForeign(sockets, socket.Key, socket.Value)).Select(socket => socket.Key).ToHashSet();
        return
        [
            .. FindOutside(context, sockets, own, foreign, processes),
            .. FindRenamed(context, sockets.Values.Where(socket => socket.HasPath && socket.Name[0] != '/'), own),
        ];
    }

    // The end that accept(2) gives is in the network namespace of the client, where CRIU doesn't look for the container's sockets.
    private static bool TryAddForeign(Dictionary<uint, UnixSocketEntry> sockets, uint inode, SocketHolder holder)
    {
        using var socket = DuplicatedProcessSocket.TryTake(holder.Pid, holder.Descriptor);
        if (socket is not { IsUnix: true })
            return false;
        if (!sockets.ContainsKey(inode))
            Add(sockets, socket.ReadNeighbours());
        return true;
    }

    private static IEnumerable<PreflightFinding> FindOutside(
        PreflightContext context,
        Dictionary<uint, UnixSocketEntry> sockets,
        Dictionary<uint, SocketHolder> own,
        HashSet<uint> foreign,
        HashSet<int> processes)
    {
        var ends = own.Keys.Where(sockets.ContainsKey).Select(inode => sockets[inode])
            .Where(socket => foreign.Contains(socket.Inode) || (socket.Peer != 0 && !own.ContainsKey(socket.Peer)))
            .OrderBy(socket => own[socket.Inode].Pid).ToList();
        if (ends.Count == 0)
            return [];
        var others = FindOthers(context, processes);
        // A socket that nobody has open may lie in a queue of the container's, which CRIU dumps.
        return ends.Where(end => foreign.Contains(end.Inode) || others.ContainsKey(end.Peer) || !sockets.ContainsKey(end.Peer))
            .Select(end => CreateFinding(
                context,
                PeerKind,
                own[end.Inode],
                GetName(end),
                $"a Unix socket{(GetName(end) is { } name ? $", {name}," : "")} connected to {DescribePeer(end)}, outside of the container",
                "close these connections first: a checkpoint can hold no more than one of their ends"));

        string DescribePeer(UnixSocketEntry end)
        {
            if (end.Peer == 0)
                return "a process that has closed its end";
            if (!others.TryGetValue(end.Peer, out var other))
                return "a process that can't be seen from here";
            var peer = sockets.GetValueOrDefault(end.Peer) ?? ReadTable(other.Pid).FirstOrDefault(socket => socket.Inode == end.Peer);
            return $"{(peer is not null && GetName(peer) is { } name ? $"{name} of " : "")}{other}";
        }
    }

    // A process of the container may have begun since its processes were read, and ended since it was found.
    private static Dictionary<uint, SocketHolder> FindOthers(PreflightContext context, HashSet<int> processes)
    {
        var found = SocketHolders.Find(FindProcesses().Where(pid => !processes.Contains(pid)));
        var begun = ContainerProcesses.Read(context.Container).Dumped.Select(process => process.Pid).ToHashSet();
        return SocketHolders.Find(found.Values.Select(holder => holder.Pid).Distinct().Where(pid => !begun.Contains(pid)));
    }

    // CRIU takes the directory of a relative name from the file's path, which must end with the name (criu/sk-unix.c: cut_path_ending).
    private static IEnumerable<PreflightFinding> FindRenamed(
        PreflightContext context, IEnumerable<UnixSocketEntry> relative, Dictionary<uint, SocketHolder> own)
    {
        foreach (var socket in relative)
        {
            if (own.TryGetValue(socket.Inode, out var holder) && Encoding.UTF8.GetString(socket.Name) is var name
                && FindFile(holder) is { } path
                && !path.EndsWith("/" + name, StringComparison.Ordinal) && !path.EndsWith($"/{name} (deleted)", StringComparison.Ordinal))
                yield return CreateFinding(
                    context,
                    NameKind,
                    holder,
                    path,
                    $"the Unix socket {path} was bound to the relative path {name} and renamed since: CRIU can't find it",
                    "have the program bind it to an absolute path, or under the final name");
        }
    }

    private static PreflightFinding CreateFinding(
        PreflightContext context, string kind, SocketHolder holder, string? path, string message, string remedy)
    {
        return new PreflightFinding
        {
            Severity = context.CriuLimit,
            Kind = kind,
            Pid = holder.Pid,
            Process = holder.ReadProgram(),
            Descriptor = holder.Descriptor,
            Path = path,
            Message = message,
            Remedy = remedy,
        };
    }

    private static string? FindFile(SocketHolder holder)
    {
        using var socket = DuplicatedProcessSocket.TryTake(holder.Pid, holder.Descriptor);
        return socket?.FindFile();
    }

    // An abstract name begins with @, as in unix(7).
    private static string? GetName(UnixSocketEntry socket) => socket.Name.Length == 0
        ? null : (socket.HasPath ? "" : "@") + Encoding.UTF8.GetString(socket.Name).Trim('\0').Replace('\0', '@');

    private static void Add(Dictionary<uint, UnixSocketEntry> sockets, IEnumerable<UnixSocketEntry> more)
    {
        foreach (var socket in more)
            sockets.TryAdd(socket.Inode, socket);
    }

    // None if the process has ended, or the kernel has no sock_diag, which CRIU then says.
    private static IReadOnlyList<UnixSocketEntry> ReadTable(int pid)
    {
        try
        {
            return UnixSocketTable.Read(FormattableString.Invariant($"/proc/{pid}/ns/net"));
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static IEnumerable<int> FindProcesses() => Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
        .Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        .Select(name => int.Parse(name!, CultureInfo.InvariantCulture));
}
