using System.Text;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Formats.Tar;

/// <summary>
/// Writes a folder tree into a tar: names sorted, folders before their content, a file with several names
/// once and then as hard links, modification times to the nanosecond, extended attributes. Sockets are left
/// out, since a tar can't have them. Neither symbolic links nor paths that change meanwhile are followed.
/// </summary>
internal sealed class TarPacker
{
    private readonly TarWriter _writer;
    private readonly TarPackerOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<(ulong Device, ulong Inode), byte[]> _firstNames = [];

    private TarPacker(TarWriter writer, TarPackerOptions options, CancellationToken cancellation) =>
        (_writer, _options, _cancellation) = (writer, options, cancellation);

    /// <summary>Writes the tree under <paramref name="root"/>; the writer isn't finished, so that more can follow.</summary>
    /// <exception cref="TarException">A file was truncated meanwhile.</exception>
    /// <exception cref="LinuxException">A file or folder can't be read.</exception>
    public static void Write(TarWriter writer, string root, TarPackerOptions? options = null, CancellationToken cancellation = default) =>
        Write(writer, [root], options, cancellation);

    /// <summary>
    /// As <see cref="Write(TarWriter, string, TarPackerOptions, CancellationToken)"/>, for the tree that an
    /// overlay of these folders would show, topmost first.
    /// </summary>
    public static void Write(
        TarWriter writer,
        IReadOnlyList<string> roots,
        TarPackerOptions? options = null,
        CancellationToken cancellation = default)
    {
        var tree = new TarPacker(writer, options ?? new TarPackerOptions(), cancellation);
        using var folder = MergedLayerFolder.Open(roots);
        if (tree._options.IncludeRoot)
            tree.WriteEntry(folder.Top, "."u8.ToArray(), Encoding.UTF8.GetBytes(tree._options.Prefix + "."), folder.Top.Stat("."u8));
        tree.WriteFolder(folder, Encoding.UTF8.GetBytes(tree._options.Prefix));
    }

    private void WriteFolder(MergedLayerFolder merged, byte[] prefix)
    {
        foreach (var name in merged.Names())
        {
            _cancellation.ThrowIfCancellationRequested();
            byte[] path = [.. prefix, .. name];
            var folder =
                merged.Find(name, out var status) ?? throw new LinuxException("lstat", Encoding.UTF8.GetString(path), Errno.ENOENT);
            var choice = _options.Filter?.Invoke(path.AsSpan(Encoding.UTF8.GetByteCount(_options.Prefix)), folder, name, status)
                ?? TarPackerChoice.Take;
            if (choice == TarPackerChoice.SkipTree || status.IsSocket)
                continue;
            if (_options.Whiteouts && Overlay.IsWhiteout(status))
            {
                _writer.WriteEntry(Whiteout.CreateEntry(prefix, name));
                continue;
            }
            if (choice == TarPackerChoice.Take)
                WriteEntry(folder, name, path, status);
            if (!status.IsDirectory)
                continue;
            using var child = merged.TryOpenFolder(name) ?? throw new LinuxException("open", Encoding.UTF8.GetString(path), Errno.ENOENT);
            if (_options.Whiteouts && child.HidesBelow)
                _writer.WriteEntry(Whiteout.Opaque(path));
            WriteFolder(child, [.. path, (byte)'/']);
        }
    }

    private void WriteEntry(DirectoryHandle folder, byte[] name, byte[] path, in FileStatus status)
    {
        var entry = new TarEntry
        {
            Name = path,
            Type = TypeOf(status),
            Mode = status.Permissions,
            Uid = status.Uid,
            Gid = status.Gid,
            ModifiedSeconds = status.ModifiedSeconds,
            ModifiedNanoseconds = status.ModifiedNanoseconds,
            DeviceMajor = status.DeviceMajor,
            DeviceMinor = status.DeviceMinor,
        };
        if (!status.IsDirectory && status.LinkCount > 1 && !_firstNames.TryAdd((status.ContainingDevice, status.Inode), path))
            entry = entry with { Type = TarEntryType.Hardlink, LinkName = _firstNames[(status.ContainingDevice, status.Inode)] };
        else
            entry = entry with { Xattrs = ReadXattrs(folder, name) };

        if (entry.Type == TarEntryType.File)
            WriteFile(folder, name, entry);
        else
            _writer.WriteEntry(entry.Type == TarEntryType.Symlink ? entry with { LinkName = folder.ReadLink(name) } : entry);
        _options.Progress?.Report(_writer.Offset);
    }

    private void WriteFile(DirectoryHandle folder, byte[] name, TarEntry entry)
    {
        using var file = folder.OpenFile(name);
        var status = FileStatus.Read(file);
        entry = entry with { Size = status.Size };
        // The number of blocks shows cheaply whether the file can have holes.
        if (_options.Sparse && status.Blocks * 512 < (ulong)status.Size)
            entry = entry with { Extents = FileCopy.Extents(file, status.Size).ConvertAll(e => new TarExtent(e.Offset, e.Length)) };
        _writer.WriteEntry(entry, file, _cancellation);
    }

    private Dictionary<string, byte[]> ReadXattrs(DirectoryHandle folder, byte[] name)
    {
        var all = new Dictionary<string, byte[]>();
        foreach (var attribute in Xattrs.List(folder.Handle, name))
        {
            if (_options.TakesXattr(attribute) && Xattrs.Get(folder.Handle, name, attribute) is { } value)
                all.Add(attribute, value);
        }

        return all;
    }

    private static TarEntryType TypeOf(in FileStatus status) => status switch
    {
        { IsRegularFile: true } => TarEntryType.File,
        { IsDirectory: true } => TarEntryType.Directory,
        { IsSymbolicLink: true } => TarEntryType.Symlink,
        { IsCharacterDevice: true } => TarEntryType.CharacterDevice,
        { IsBlockDevice: true } => TarEntryType.BlockDevice,
        _ => TarEntryType.Fifo,
    };
}
