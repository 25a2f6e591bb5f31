using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Files;

namespace Stasis.Engine.Archive;

/// <summary>
/// Extracts an archive's entries into a folder: only entries that the format knows, each at most once,
/// regular files and folders only. Errors name the entry.
/// </summary>
/// <param name="archive">The archive's name in messages.</param>
/// <param name="limits">How much the archive may ask for.</param>
/// <param name="folder">The folder that entries are written to, under their names.</param>
internal sealed class ArchiveExtractor(string archive, ArchiveLimits limits, string folder)
{
    private const string Damaged = "it is damaged or not whole: copy it anew from where it was made, or checkpoint the container again";
    private const uint PrivateMode = 0x1C0; // 0700

    private string? _entry;

    /// <summary>Extracts all entries, up to the tar's end.</summary>
    /// <param name="tar">The tar, at its first entry.</param>
    /// <param name="isLeftOut">Whether only the space for a file is allocated, and its content isn't extracted.</param>
    /// <param name="budget">Counts the entries.</param>
    /// <param name="cancellation">Stops between pieces of data; the extracted entries stay.</param>
    public void ExtractAll(TarReader tar, Func<string, bool> isLeftOut, EntryBudget budget, CancellationToken cancellation)
    {
        using var root = RootedPath.Open(folder);
        var seen = new HashSet<string>();
        while (tar.Next() is { } header)
        {
            _entry = ArchiveEntryNames.ToPodmans(EntryNameValidator.Validate(header, archive, limits));
            if (_entry.Length == 0 && header.Type == TarEntryType.Directory)
                continue;
            if (seen.Count == 0 && !ArchiveEntryNames.IsFile(_entry) && !ArchiveEntryNames.IsFolder(_entry)
                && _entry != ArchiveEntryNames.Parent)
                throw NotAnArchive($"it begins with {_entry}");
            if (!seen.Add(_entry))
                throw new ArchiveException(archive, _entry, "it is there twice");
            budget.CountEntry(tar: null);
            if (seen.Count > limits.MaxEntries)
                throw new ArchiveException(
                    archive, null, $"it has more than {limits.MaxEntries} entries")
                { Remedy = "allow more with --max-entries" };
            if (header.Size > limits.MaxSize)
                throw new ArchiveException(archive, _entry, $"it has {header.Size} bytes: more than {limits.MaxSize} are refused")
                {
                    Remedy = "allow more with --max-size",
                };
            Unpack(tar, header, _entry, root, isLeftOut, cancellation);
        }
        if (seen.Count == 0)
            throw NotAnArchive("it is empty");
        // The checksum at the end of the compressed stream shows that it is complete.
        tar.RequireEnd();
    }

    /// <summary>Runs work on the archive, and adds the entry and the offset to errors.</summary>
    /// <param name="work">The work.</param>
    /// <param name="read">Returns how many bytes of the archive were read.</param>
    /// <exception cref="ArchiveException">The archive is damaged.</exception>
    public T AnnotateErrors<T>(Func<T> work, Func<long> read)
    {
        try
        {
            return work();
        }
        catch (TarException e) when (_entry is null && read() == 0)
        {
            throw NotAnArchive("it is empty", e);
        }
        catch (TarException e) when (_entry is null && e.Offset <= TarHeader.Block)
        {
            throw NotAnArchive("it is neither a tar, nor one compressed with zstd or gzip", e);
        }
        catch (TarException e)
        {
            throw new ArchiveException(
                archive,
                _entry is null ? null : EntryNameValidator.Shown(e.Entry ?? _entry),
                $"tar, offset {e.Offset}: {e.Why}",
                e)
            { Remedy = Damaged };
        }
        catch (StasisException e) when (e is CompressionException or AgeException)
        {
            throw new ArchiveException(archive, _entry, e.Message, e) { Remedy = e.Remedy ?? Damaged };
        }
        catch (IOException e)
        {
            var target = FileErrorText.IsFull(e) ? "" : $" into {folder}";
            throw new StasisException($"unpacking archive {archive}{target}: {FileErrorText.Why(e)}", e)
            {
                Remedy = FileErrorText.Remedy(e, folder),
            };
        }
    }

    private void Unpack(
        TarReader tar,
        TarEntry header,
        string entry,
        RootedPath root,
        Func<string, bool> isLeftOut,
        CancellationToken cancellation)
    {
        if (header.Type == TarEntryType.Directory && ArchiveEntryNames.IsFolder(entry))
        {
            root.MakeDirectories(entry, PrivateMode);
            return;
        }
        if (header.Type == TarEntryType.Symlink && entry == ArchiveEntryNames.Parent)
        {
            root.MakeDirectories(ArchiveEntryNames.Checkpoint, PrivateMode);
            root.Symlink("../" + ArchiveEntryNames.PreCheckpoint, entry);
            return;
        }
        if (header.Type != TarEntryType.File || !ArchiveEntryNames.IsFile(entry))
            throw new ArchiveException(archive, entry, $"a checkpoint archive has no such entry ({header.Type})");
        if (header.Extents is not null)
            throw new ArchiveException(archive, entry, "it is sparse, which a checkpoint archive's entries aren't");
        if (entry.LastIndexOf('/') is > 0 and var slash)
            root.MakeDirectories(entry[..slash], PrivateMode);
        using var file = root.CreateFile(entry);
        if (isLeftOut(entry))
            FilePreallocation.Allocate(file, header.Size);
        else
            tar.CopyDataTo(file, cancellation);
        FaultPoint.Hit("archive.unpacked");
    }

    private ArchiveException NotAnArchive(string why, Exception? inner = null) =>
        new(archive, null, $"not a checkpoint archive: {why}", inner)
        {
            Remedy = "stasis container checkpoint --export FILE CONTAINER writes one; stasis load -i FILE loads an image, "
                + "and stasis import FILE IMAGE makes one of a root file system's tar",
        };
}
