using System.Text;
using Stasis.Engine.Criu.Images;
using Stasis.Linux.Network;

namespace Stasis.Engine.Checkpoints.Dump.Names;

/// <summary>
/// Sockets that a program has bound to one name and then linked or renamed to another, as supervisord does. The kernel knows the first
/// name only, and CRIU would bind them to it, or to none. So the images get the name that the socket's file has.
/// </summary>
internal static class RenamedSockets
{
    private const int MaxNameLength = 107; // of sun_path, less its zero

    /// <summary>Gives the images the names.</summary>
    /// <param name="files">The records of files.img, which are changed.</param>
    /// <param name="bound">The sockets that are bound to a file, by their own inode numbers.</param>
    /// <param name="search">Searches the container's files.</param>
    /// <returns>Paths of sockets that have further names. CRIU makes one.</returns>
    public static IReadOnlyCollection<string> Rename(
        List<ImageRecord> files, IReadOnlyDictionary<uint, UnixSocketEntry> bound, FileSearch search)
    {
        var renamed = new List<(int Index, ImageRecord Socket, FileIdentity File)>();
        var several = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < files.Count; i++)
        {
            if (files[i].Child("usk") is not { } socket || !bound.TryGetValue(socket.U32("ino"), out var entry)
                || entry.FileInode is not { } inode)
                continue;
            if (IsAt(GetPath(socket), FileIdentity.ForSocket(inode)))
                AddSeveral(GetPath(socket));
            else
                renamed.Add((i, socket, FileIdentity.ForSocket(inode)));
        }
        foreach (var group in renamed.GroupBy(item => item.Socket.ZigZag("mnt_id", -1)))
        {
            if (search.FindMount(group.Key) is not { } mount)
                continue;
            var found = search.Find(mount, group.Select(item => item.File).ToHashSet());
            foreach (var (index, socket, file) in group)
            {
                if (!found.TryGetValue(file, out var path))
                    continue; // it was deleted
                files[index] = files[index].With("usk", SetPath(socket, path));
                AddSeveral(path);
            }
        }
        return several;

        bool IsAt(byte[] path, FileIdentity file) =>
            search.Stat(path) is { IsSocket: true } status && FileIdentity.FromStatus(status) == file;

        void AddSeveral(byte[] path)
        {
            if (search.Stat(path) is { LinkCount: > 1 })
                several.Add(Encoding.UTF8.GetString(path));
        }
    }

    // A relative name is beneath a directory (criu/sk-unix.c: unix_resolve_name).
    private static byte[] GetPath(ImageRecord socket)
    {
        var name = socket.Bytes("name").Span.TrimEnd((byte)0);
        return name is [(byte)'/', ..] ? name.ToArray() : [.. socket.Bytes("name_dir").Span, (byte)'/', .. name];
    }

    private static ImageRecord SetPath(ImageRecord socket, byte[] path)
    {
        var named = socket.Without("deleted").Without("name_dir");
        if (path.Length <= MaxNameLength)
            return named.With("name", (byte[])[.. path, 0]);
        var slash = path.AsSpan().LastIndexOf((byte)'/');
        return named.With("name", (byte[])[.. path[(slash + 1)..], 0]).With("name_dir", Encoding.UTF8.GetString(path, 0, slash));
    }
}
