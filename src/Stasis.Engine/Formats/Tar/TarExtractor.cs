using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Formats.Tar;

/// <summary>
/// Unpacks a tar beneath a folder, which no entry can lead out of. Restores owners, modes including setuid,
/// times, extended attributes, hard links, FIFOs and, if allowed, devices. An entry replaces a file in its
/// place; a folder in its place keeps its content, and gets the entry's owner, mode, times and attributes.
/// </summary>
internal sealed class TarExtractor
{
    private readonly TarReader _reader;
    private readonly RootedPath _root;
    private readonly TarExtractorOptions _options;
    private readonly CancellationToken _cancellation;

    // Folders get their times and modes at the end: creating files in them changes the times, and a mode might forbid it.
    private readonly List<TarEntry> _folders = [];

    private TarExtractor(TarReader reader, RootedPath root, TarExtractorOptions options, CancellationToken cancellation) =>
        (_reader, _root, _options, _cancellation) = (reader, root, options, cancellation);

    /// <summary>Unpacks a tar. After failure or cancellation, the entries unpacked so far stay, for the caller to remove.</summary>
    /// <exception cref="TarException">The tar is damaged, or an entry can't be created; the message names the entry.</exception>
    public static void Extract(
        TarReader reader,
        RootedPath root,
        TarExtractorOptions? options = null,
        CancellationToken cancellation = default)
    {
        var untar = new TarExtractor(reader, root, options ?? new TarExtractorOptions(), cancellation);
        while (reader.Next() is { } entry)
        {
            cancellation.ThrowIfCancellationRequested();
            if (untar._options.Filter?.Invoke(entry) != false)
                untar.WithEntryName(entry, untar.ExtractEntry);
            untar._options.Progress?.Report(reader.Offset);
        }

        for (var i = untar._folders.Count - 1; i >= 0; i--)
            untar.WithEntryName(untar._folders[i], untar.FinishFolder);
    }

    private void WithEntryName(TarEntry entry, Action<TarEntry> action)
    {
        try
        {
            action(entry);
        }
        catch (LinuxException e) when (e.Errno is not (Errno.ENOSPC or Errno.EDQUOT))
        {
            throw new TarException(_reader.Offset, entry.NameText, e.Message, e);
        }
    }

    private void ExtractEntry(TarEntry entry)
    {
        if (TarNameParts.HasParentPart(entry.Name.Span))
            throw new TarException(_reader.Offset, entry.NameText, "its name climbs out with \"..\"");
        if (entry.Type != TarEntryType.Directory && TarNameParts.IsFolderItself(entry.Name.Span))
            throw new TarException(_reader.Offset, entry.NameText, "has the name of a folder, and is none");
        if (_options.Whiteouts && Whiteout.TryApply(_root, entry, MakeRoomFor))
            return;
        if (entry.Type == TarEntryType.Hardlink)
        {
            if (!IsLinked(entry))
                MakeRoomFor(entry, () => _root.Hardlink(entry.LinkName.Span, entry.Name.Span));
            return;
        }

        Make(entry);
        _root.SetOwner(entry.Name.Span, entry.Uid, entry.Gid);
        // Mode and attributes come after the owner: changing the owner removes setuid bits and capabilities.
        if (entry.Type is not (TarEntryType.Symlink or TarEntryType.Directory))
            _root.SetMode(entry.Name.Span, entry.Mode & _options.ModeMask);
        if (entry.Type == TarEntryType.Directory)
            RemoveOtherXattrs(entry);
        foreach (var (attribute, value) in entry.Xattrs)
        {
            if (_options.TakesXattr(attribute))
                _root.SetXattr(entry.Name.Span, attribute, value);
        }

        if (entry.Type == TarEntryType.Directory)
            _folders.Add(entry);
        else
            _root.SetTimes(entry.Name.Span, entry.ModifiedSeconds, entry.ModifiedNanoseconds);
    }

    private void Make(TarEntry entry)
    {
        switch (entry.Type)
        {
            case TarEntryType.File:
                MakeRoomFor(entry, () =>
                {
                    using var file = _root.CreateFile(entry.Name.Span);
                    _reader.CopyDataTo(file, _cancellation);
                });
                break;
            case TarEntryType.Directory:
                MakeRoomFor(entry, () => EnsureFolder(entry.Name.Span, followLinks: false));
                break;
            case TarEntryType.Symlink:
                MakeRoomFor(entry, () => _root.Symlink(entry.LinkName.Span, entry.Name.Span));
                break;
            case TarEntryType.Fifo:
                MakeRoomFor(entry, () => _root.MakeNode(entry.Name.Span, FileType.Fifo | 0x180));
                break;
            case TarEntryType.CharacterDevice or TarEntryType.BlockDevice:
                if (!_options.Devices)
                    throw new TarException(_reader.Offset, entry.NameText, "is a device, which is not allowed here");
                var type = entry.Type == TarEntryType.CharacterDevice ? FileType.CharacterDevice : FileType.BlockDevice;
                MakeRoomFor(entry, () => _root.MakeNode(entry.Name.Span, type | 0x180, entry.DeviceMajor, entry.DeviceMinor));
                break;
        }
    }

    /// <summary>Removes attributes that a folder in the entry's place has and the entry doesn't.</summary>
    private void RemoveOtherXattrs(TarEntry entry)
    {
        foreach (var attribute in _root.ListXattrs(entry.Name.Span))
        {
            if (_options.TakesXattr(attribute) && !entry.Xattrs.ContainsKey(attribute))
                _root.RemoveXattr(entry.Name.Span, attribute);
        }
    }

    /// <summary>Creates an entry; tries again after creating missing folders above it, or removing what is in its place.</summary>
    private void MakeRoomFor(TarEntry entry, Action make)
    {
        try
        {
            make();
        }
        catch (LinuxException e) when (e.Errno is Errno.EEXIST or Errno.ENOENT or Errno.ENOTDIR)
        {
            if (e.Errno == Errno.EEXIST)
                _root.Remove(entry.Name.Span);
            else
                MakeFoldersAbove(entry.Name.Span);
            make();
        }
    }

    private void MakeFoldersAbove(ReadOnlySpan<byte> name)
    {
        var folder = TarNameParts.Folder(name);
        for (var end = 1; end <= folder.Length; end++)
        {
            if (end == folder.Length || folder[end] == '/')
                EnsureFolder(folder[..end], followLinks: true);
        }
    }

    /// <summary>Creates a folder (0755), replacing anything else. An existing folder stays as it is.</summary>
    private void EnsureFolder(ReadOnlySpan<byte> name, bool followLinks)
    {
        var status = _root.Stat(name);
        if (status is { IsDirectory: true } || (followLinks && status is { IsSymbolicLink: true }))
            return;
        if (status is not null)
            _root.Remove(name);
        _root.MakeDirectory(name);
        // The folder is new: it must not show the lower one that the whiteout hides.
        if (_options.Whiteouts && status is { } before && Overlay.IsWhiteout(before))
            _root.SetXattr(name, Overlay.OpaqueXattr, "y"u8);
    }

    /// <summary>Whether both names are the same file already. Replacing one would remove the other.</summary>
    private bool IsLinked(TarEntry entry) =>
        _root.Stat(entry.Name.Span) is { } there && _root.Stat(entry.LinkName.Span) is { } target
            && (there.ContainingDevice, there.Inode) == (target.ContainingDevice, target.Inode);

    private void FinishFolder(TarEntry entry)
    {
        // A later entry may have replaced the folder.
        if (_root.Stat(entry.Name.Span) is not { IsDirectory: true })
            return;
        _root.SetMode(entry.Name.Span, entry.Mode & _options.ModeMask);
        _root.SetTimes(entry.Name.Span, entry.ModifiedSeconds, entry.ModifiedNanoseconds);
    }
}
