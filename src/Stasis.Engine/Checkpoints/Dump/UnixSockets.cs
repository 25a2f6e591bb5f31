using System.Globalization;
using System.Text;
using Stasis.Engine.Containers.Exec;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Linux.Network;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>Checks for sockets of unix(7) that CRIU can't dump.</summary>
internal static class UnixSockets
{
    private const int Shown = 10;

    /// <summary>
    /// Requires that no socket of a running container is connected to a process outside, and that none was renamed after it was bound to
    /// a relative path.
    /// </summary>
    /// <exception cref="InvalidStateException">There is one; the message names both ends, or both names.</exception>
    public static void RequirePossible(Container container)
    {
        var sockets = new Dictionary<uint, UnixSocketEntry>();
        Add(sockets, ReadTable(container.State.Pid));
        if (!sockets.Values.Any(socket => socket.Peer != 0 || socket.HasPath))
            return;
        // In the host's network namespace most sockets belong to others.
        var exec = ExecProcesses.Find(container).ToHashSet();
        var processes = ContainerCgroup.Processes(container).Where(pid => !exec.Contains(pid)).ToHashSet();
        foreach (var pid in processes.DistinctBy(ReadNamespace))
            Add(sockets, ReadTable(pid));
        var own = SocketHolders.Find(processes);
        var foreign = new HashSet<uint>();
        foreach (var (inode, holder) in own.Where(socket => !sockets.ContainsKey(socket.Key)).ToList())
        {
            if (TryAddForeign(sockets, inode, holder))
                foreign.Add(inode);
        }
        RequireInside(container, sockets, own, foreign, processes);
        RequireResolvable(container, sockets.Values.Where(IsRelative), own);
    }

    // The end that accept(2) gives is in the network namespace of the client, where CRIU doesn't look for the container's sockets.
    private static bool TryAddForeign(Dictionary<uint, UnixSocketEntry> sockets, uint inode, SocketHolder holder)
    {
        using var socket = ProcessSocket.TryTake(holder.Pid, holder.Descriptor);
        if (socket is not { IsUnix: true })
            return false;
        if (!sockets.ContainsKey(inode))
            Add(sockets, socket.ReadNeighbours());
        return true;
    }

    private static void RequireInside(
        Container container,
        Dictionary<uint, UnixSocketEntry> sockets,
        Dictionary<uint, SocketHolder> own,
        HashSet<uint> foreign,
        HashSet<int> processes)
    {
        var ends = own.Keys.Where(sockets.ContainsKey).Select(inode => sockets[inode])
            .Where(socket => foreign.Contains(socket.Inode) || (socket.Peer != 0 && !own.ContainsKey(socket.Peer)))
            .OrderBy(socket => own[socket.Inode].Pid).ToList();
        if (ends.Count == 0)
            return;
        var others = SocketHolders.Find(FindProcesses().Where(pid => !processes.Contains(pid)));
        // A socket that nobody has open may lie in a queue of the container's, which CRIU dumps.
        var outside = ends
            .Where(end => foreign.Contains(end.Inode) || others.ContainsKey(end.Peer) || !sockets.ContainsKey(end.Peer))
            .Select(DescribeConnection).ToList();
        if (outside.Count == 0)
            return;
        throw new InvalidStateException(
            $"cannot checkpoint container {container.Name}: it has Unix sockets that are connected to processes outside it: "
            + Join(outside))
        {
            Remedy = "close these connections first: a checkpoint can hold no more than one of their ends",
        };

        string DescribeConnection(UnixSocketEntry end)
        {
            var inside = Describe(end) + own[end.Inode];
            if (end.Peer == 0)
                return $"{inside} to a process that has closed its end";
            if (!others.TryGetValue(end.Peer, out var other))
                return $"{inside} to a process that can't be seen from here";
            var peer = sockets.GetValueOrDefault(end.Peer) ?? ReadTable(other.Pid).FirstOrDefault(socket => socket.Inode == end.Peer);
            return $"{inside} to {(peer is null ? "" : Describe(peer))}{other}";
        }
    }

    // CRIU takes the directory of a relative name from the file's path, which must end with the name (criu/sk-unix.c: cut_path_ending).
    private static void RequireResolvable(
        Container container, IEnumerable<UnixSocketEntry> relative, Dictionary<uint, SocketHolder> own)
    {
        var renamed = new List<string>();
        foreach (var socket in relative)
        {
            if (own.TryGetValue(socket.Inode, out var holder) && Encoding.UTF8.GetString(socket.Name) is var name
                && FindFile(holder) is { } path
                && !path.EndsWith("/" + name, StringComparison.Ordinal) && !path.EndsWith($"/{name} (deleted)", StringComparison.Ordinal))
                renamed.Add($"{path} of {holder}, bound as {name}");
        }
        if (renamed.Count == 0)
            return;
        throw new InvalidStateException(
            $"cannot checkpoint container {container.Name}: it has Unix sockets that were bound to a relative path and renamed since, "
            + $"which CRIU can't find: {Join(renamed)}")
        {
            Remedy = "have the program bind them to absolute paths, or under the final name",
        };
    }

    private static string? FindFile(SocketHolder holder)
    {
        using var socket = ProcessSocket.TryTake(holder.Pid, holder.Descriptor);
        return socket?.FindFile();
    }

    private static string Describe(UnixSocketEntry socket) => socket.Name.Length == 0
        ? ""
        : (socket.HasPath ? "" : "@") + Encoding.UTF8.GetString(socket.Name).Trim('\0').Replace('\0', '@') + " of ";

    private static string Join(List<string> items) =>
        string.Join("; ", items.Take(Shown)) + (items.Count > Shown ? $" and {items.Count - Shown} more" : "");

    private static bool IsRelative(UnixSocketEntry socket) => socket.HasPath && socket.Name[0] != '/';

    private static void Add(Dictionary<uint, UnixSocketEntry> sockets, IEnumerable<UnixSocketEntry> more)
    {
        foreach (var socket in more)
            sockets.TryAdd(socket.Inode, socket);
    }

    private static string? ReadNamespace(int pid) => new FileInfo(GetNamespace(pid)).LinkTarget;

    private static string GetNamespace(int pid) => FormattableString.Invariant($"/proc/{pid}/ns/net");

    // None if the process has ended, or the kernel has no sock_diag, which CRIU then says.
    private static IReadOnlyList<UnixSocketEntry> ReadTable(int pid)
    {
        try
        {
            return UnixSocketTable.Read(GetNamespace(pid));
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
