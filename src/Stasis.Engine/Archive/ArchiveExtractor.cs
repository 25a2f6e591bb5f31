using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Files;

namespace Stasis.Engine.Archive;

/// <summary>
/// Takes an archive's entries out of its tar into a folder: only those that the format knows, each at most once, regular files and folders only. What is wrong is said of the entry where it was found.
/// </summary>
/// <param name="archive">What to call it in messages.</param>
/// <param name="limits">How much it may ask for.</param>
/// <param name="folder">Where entries go, under their names.</param>
internal sealed class ArchiveExtractor(string archive, ArchiveLimits limits, string folder)
{
    private const string Damaged = "it is damaged or not whole: copy it anew from where it was made, or checkpoint the container again";
    private const uint OwnFolder = 0x1C0; // 0700

    private string? _entry;

    /// <summary>Takes all entries, up to the tar's end.</summary>
    /// <param name="tar">At its beginning.</param>
    /// <param name="isLeftOut">Of which files room is made, and the content left where it is.</param>
    /// <param name="cancellation">Cancels it.</param>
    public void Run(TarReader tar, Func<string, bool> isLeftOut, CancellationToken cancellation)
    {
        using var root = RootedPath.Open(folder);
        var seen = new HashSet<string>();
        while (tar.Next() is { } header)
        {
            _entry = ArchiveEntryName.Validate(header, archive, limits);
            if (_entry.Length == 0 && header.Type == TarEntryType.Directory)
                continue;
            if (seen.Count == 0 && !ArchiveEntryNames.IsFile(_entry) && !ArchiveEntryNames.IsFolder(_entry) && _entry != ArchiveEntryNames.Parent)
                throw NotOne($"it begins with {_entry}");
            if (!seen.Add(_entry))
                throw new ArchiveException(archive, _entry, "it is there twice");
            if (seen.Count > limits.MaxEntries)
                throw new ArchiveException(archive, null, $"it has more than {limits.MaxEntries} entries") { Remedy = "allow more with --max-entries" };
            if (header.Size > limits.MaxSize)
                throw new ArchiveException(archive, _entry, $"it has {header.Size} bytes: more than {limits.MaxSize} are refused") { Remedy = "allow more with --max-size" };
            Unpack(tar, header, _entry, root, isLeftOut, cancellation);
        }
        if (seen.Count == 0)
            throw NotOne("it is empty");
        // Only the end of the compressed stream tells that it is whole: the checksum over all of it is there.
        tar.RequireEnd();
    }

    /// <summary>Does something with the archive, and says of a failure where in it that was.</summary>
    /// <param name="work">What.</param>
    /// <param name="read">How much of it was read.</param>
    /// <exception cref="ArchiveException">It is damaged.</exception>
    public T Try<T>(Func<T> work, Func<long> read)
    {
        try
        {
            return work();
        }
        catch (TarException e) when (_entry is null && read() == 0)
        {
            throw NotOne("it is empty", e);
        }
        catch (TarException e) when (_entry is null && e.Offset <= TarHeader.Block)
        {
            throw NotOne("it is neither a tar, nor one compressed with zstd or gzip", e);
        }
        catch (TarException e)
        {
            throw new ArchiveException(archive, _entry is null ? null : ArchiveEntryName.Shown(e.Entry ?? _entry), $"tar, offset {e.Offset}: {e.Why}", e) { Remedy = Damaged };
        }
        catch (StasisException e) when (e is CompressionException or AgeException)
        {
            throw new ArchiveException(archive, _entry, e.Message, e) { Remedy = e.Remedy ?? Damaged };
        }
        catch (IOException e)
        {
            throw new StasisException($"unpacking archive {archive}{(FileFailure.IsFull(e) ? "" : $" into {folder}")}: {FileFailure.Why(e)}", e) { Remedy = FileFailure.Remedy(e, folder) };
        }
    }

    private void Unpack(TarReader tar, TarEntry header, string entry, RootedPath root, Func<string, bool> isLeftOut, CancellationToken cancellation)
    {
        if (header.Type == TarEntryType.Directory && ArchiveEntryNames.IsFolder(entry))
        {
            root.MakeDirectories(entry, OwnFolder);
            return;
        }
        if (header.Type == TarEntryType.Symlink && entry == ArchiveEntryNames.Parent)
        {
            root.MakeDirectories(ArchiveEntryNames.Checkpoint, OwnFolder);
            root.Symlink("../" + ArchiveEntryNames.PreCheckpoint, entry);
            return;
        }
        if (header.Type != TarEntryType.File || !ArchiveEntryNames.IsFile(entry))
            throw new ArchiveException(archive, entry, $"a checkpoint archive has no such entry ({header.Type})");
        if (header.Extents is not null)
            throw new ArchiveException(archive, entry, "it is sparse, which a checkpoint archive's entries aren't");
        if (entry.LastIndexOf('/') is > 0 and var slash)
            root.MakeDirectories(entry[..slash], OwnFolder);
        using var file = root.CreateFile(entry);
        if (isLeftOut(entry))
            FilePreallocation.Allocate(file, header.Size);
        else
            tar.CopyDataTo(file, cancellation);
        FaultPoint.Hit("archive.unpacked");
    }

    private ArchiveException NotOne(string why, Exception? inner = null) => new(archive, null, $"not a checkpoint archive: {why}", inner)
    {
        Remedy = "stasis container checkpoint --export FILE writes one; images are loaded with stasis load, and made of a root file system's tar with stasis import",
    };
}
