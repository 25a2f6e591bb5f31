using System.Globalization;
using Stasis.Linux.Network;

namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// Unix sockets that are connected to a process outside of the container, as through a socket that is mounted into it.
/// </summary>
internal static class UnixPeerCheck
{
    private const string Kind = "unix-peer";

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        var sockets = (
            from open in context.Descriptors
            where open.Descriptor.SocketInode is not null
            select (open.Process, open.Descriptor, Inode: open.Descriptor.SocketInode!.Value)).DistinctBy(socket => socket.Inode).ToList();
        var own = sockets.Select(socket => socket.Inode).ToHashSet();
        var unix = sockets.Where(
            socket => SocketProtocol.TryRead(socket.Descriptor.Link)?.StartsWith("UNIX", StringComparison.Ordinal) == true).ToList();
        if (unix.Count == 0)
            return [];
        var table = unix.DistinctBy(socket => socket.Process.Namespace("net")).SelectMany(socket => ReadTable(socket.Process))
            .DistinctBy(entry => entry.Inode).ToDictionary(entry => entry.Inode);
        var connected = (
            from socket in unix
            let peer = table.GetValueOrDefault(socket.Inode)?.Peer ?? 0
            where peer != 0 && !own.Contains(peer)
            select (socket.Process, socket.Descriptor, Peer: peer)).ToList();
        if (connected.Count == 0)
            return [];
        var holders = FindHolders(context, connected.Select(socket => socket.Peer).ToHashSet());
        return connected.Select(
            socket => CreateFinding(context, socket.Process, socket.Descriptor, table.GetValueOrDefault(socket.Peer)?.Name,
                holders.GetValueOrDefault(socket.Peer)));
    }

    // One that no process has open may also be on its way in a queue, from which CRIU takes it.
    private static PreflightFinding CreateFinding(
        PreflightContext context, ContainerProcess process, OpenDescriptor descriptor, string? name, ContainerProcess? holder)
    {
        var peer = name is null ? "" : $"{name} of ";
        return new PreflightFinding
        {
            Severity = holder is null ? PreflightSeverity.Note : context.CriuLimit,
            Kind = Kind,
            Pid = process.Pid,
            Process = process.Name,
            Descriptor = descriptor.Number,
            Path = name,
            Message = holder is null
                ? "a Unix socket whose other end no process of the container has open: CRIU can't dump it if a process outside has"
                : FormattableString.Invariant(
                    $"a Unix socket connected to {peer}PID {holder.Pid} ({holder.Name}), outside of the container"),
            Remedy = "have the program close the connection, or end the other program",
        };
    }

    private static IReadOnlyList<UnixSocketEntry> ReadTable(ContainerProcess process)
    {
        IReadOnlyList<UnixSocketEntry> entries = [];
        try
        {
            NetworkNamespace.Run(process.PathOf("ns/net"), () => entries = UnixSocketTable.Read());
        }
        catch (IOException)
        {
            return []; // the process has ended, or the kernel lacks CONFIG_UNIX_DIAG, which CRIU says
        }
        return entries;
    }

    private static Dictionary<uint, ContainerProcess> FindHolders(PreflightContext context, HashSet<uint> inodes)
    {
        var dumped = context.Processes.Dumped.Select(process => process.Pid).ToHashSet();
        var found = new Dictionary<uint, ContainerProcess>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) || dumped.Contains(pid)
                || ContainerProcess.TryRead(pid) is not { } process)
                continue;
            foreach (var inode in process.Descriptors.Select(descriptor => descriptor.SocketInode).OfType<uint>().Where(inodes.Contains))
                found.TryAdd(inode, process);
        }
        return found;
    }
}
