using System.Text.Json.Serialization.Metadata;
using Stasis.Engine.Archive.Age;
using Stasis.Engine.Archive.Signing;
using Stasis.Engine.Archive.Tar;
using Stasis.Linux;

namespace Stasis.Engine.Archive;

/// <summary>
/// Unpacks a checkpoint archive into a folder of its own, in one pass over a file that is opened once. Only entries that the format knows are taken, each at most
/// once, regular files and folders only, and what they hold is looked through.
/// </summary>
internal static class ArchiveReader
{
    private const uint OwnFolder = 0x1C0; // 0700

    /// <summary>Unpacks <paramref name="archive"/> into <paramref name="folder"/>, which exists and is empty.</summary>
    /// <param name="archive">Path, or "-" for standard input.</param>
    /// <param name="access">Who reads it, who must have signed it, and how much it may ask for.</param>
    /// <param name="folder">Where entries go, under their names.</param>
    /// <param name="progress">Told how much of the archive was read, and how long it is if that is known.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <returns>What the archive is, by its bytes.</returns>
    /// <exception cref="ArchiveException">
    /// It can't be read or decrypted, is damaged, beyond the limits, has an entry that doesn't belong, or isn't signed as it has to be; what was unpacked is then not to be used.
    /// </exception>
    public static UnpackedArchive Unpack(string archive, ArchiveAccess access, string folder, Action<(long Done, long? Total)> progress, CancellationToken cancellation)
    {
        using var file = ArchiveSource.Open(archive);
        return Unpack(archive, file, access, folder, progress, cancellation);
    }

    /// <summary>As above, of an archive that <see cref="ArchiveSource.Open"/> opened; it is read from its beginning to its end, and stays open.</summary>
    public static UnpackedArchive Unpack(string archive, Stream file, ArchiveAccess access, string folder, Action<(long Done, long? Total)> progress, CancellationToken cancellation)
    {
        var limits = access.Limits;
        using var source = new ArchiveSource(archive, file, access, progress, cancellation);
        var entry = default(string);
        try
        {
            using var plain = Compression.OpenReadAhead(source.Content, cancellation);
            using var tar = new TarReader(new BoundedPieces(plain, source, archive, limits));
            using var root = RootedPath.Open(folder);
            var seen = new HashSet<string>();
            while (tar.Next() is { } header)
            {
                entry = ArchiveName.Of(header, archive, limits);
                if (entry.Length == 0 && header.Type == TarEntryType.Directory)
                    continue;
                if (seen.Count == 0 && !ArchiveFiles.IsFile(entry) && !ArchiveFiles.IsFolder(entry) && entry != ArchiveFiles.Parent)
                    throw NotOne(archive, $"it begins with {entry}");
                if (!seen.Add(entry))
                    throw new ArchiveException(archive, entry, "it is there twice");
                if (seen.Count > limits.MaxEntries)
                    throw new ArchiveException(archive, null, $"it has more than {limits.MaxEntries} entries") { Remedy = "allow more with --max-entries" };
                if (header.Size > limits.MaxSize)
                    throw new ArchiveException(archive, entry, $"it has {header.Size} bytes: more than {limits.MaxSize} are refused") { Remedy = "allow more with --max-size" };
                UnpackEntry(archive, tar, header, entry, root, cancellation);
            }
            if (seen.Count == 0)
                throw NotOne(archive, "it is empty");
            // Only the end of the compressed stream tells that it is whole: the checksum over all of it is there.
            tar.RequireEnd();
            var unpacked = new UnpackedArchive(source.Digest(), source.Length, source.Signature, source.IsEncrypted);
            new ArchiveContents(archive, folder, limits).Check(cancellation);
            return unpacked;
        }
        catch (TarException e) when (entry is null && source.Length == 0)
        {
            throw NotOne(archive, "it is empty", e);
        }
        catch (TarException e) when (entry is null && e.Offset <= TarHeader.Block)
        {
            throw NotOne(archive, "it is neither a tar, nor one compressed with zstd or gzip", e);
        }
        catch (TarException e)
        {
            throw new ArchiveException(archive, entry is null ? null : ArchiveName.Shown(e.Entry ?? entry), $"tar, offset {e.Offset}: {e.Why}", e);
        }
        catch (StasisException e) when (e is CompressionException or AgeException)
        {
            throw new ArchiveException(archive, entry, e.Message, e) { Remedy = e.Remedy };
        }
        catch (IOException e)
        {
            throw new StasisException($"unpacking archive {archive} into {folder}: {FileFailure.Why(e)}", e) { Remedy = FileFailure.Remedy(e, folder) };
        }
    }

    /// <summary>Reads an unpacked JSON entry.</summary>
    /// <exception cref="ArchiveException">It is missing, empty, not JSON or not of the shape.</exception>
    public static T ReadJson<T>(string archive, string folder, string entry, JsonTypeInfo<T> type) where T : class
    {
        var path = Path.Combine(folder, entry);
        if (!File.Exists(path))
            throw new ArchiveException(archive, entry, "it is missing: this is not a container's checkpoint archive");
        var limits = ArchiveLimits.Default;
        return new FileInfo(path).Length <= limits.MaxJson
            ? ArchiveJson.Read(archive, entry, File.ReadAllBytes(path), type, limits)
            : throw new ArchiveException(archive, entry, $"it is longer than {limits.MaxJson} bytes");
    }

    private static void UnpackEntry(string archive, TarReader tar, TarEntry header, string entry, RootedPath root, CancellationToken cancellation)
    {
        if (header.Type == TarEntryType.Directory && ArchiveFiles.IsFolder(entry))
        {
            root.MakeDirectories(entry, OwnFolder);
            return;
        }
        if (header.Type == TarEntryType.Symlink && entry == ArchiveFiles.Parent)
        {
            root.MakeDirectories(ArchiveFiles.Checkpoint, OwnFolder);
            root.Symlink("../" + ArchiveFiles.PreCheckpoint, entry);
            return;
        }
        if (header.Type != TarEntryType.File || !ArchiveFiles.IsFile(entry))
            throw new ArchiveException(archive, entry, $"a checkpoint archive has no such entry ({header.Type})");
        if (header.Extents is not null)
            throw new ArchiveException(archive, entry, "it is sparse, which a checkpoint archive's entries aren't");
        if (entry.LastIndexOf('/') is > 0 and var slash)
            root.MakeDirectories(entry[..slash], OwnFolder);
        using var file = root.CreateFile(entry);
        tar.CopyDataTo(file, cancellation);
        FaultPoint.Hit("archive.unpacked");
    }

    private static ArchiveException NotOne(string archive, string why, Exception? inner = null) => new(archive, null, $"not a checkpoint archive: {why}", inner)
    {
        Remedy = "stasis container checkpoint --export FILE writes one; images are loaded with stasis load, and made of a root file system's tar with stasis import",
    };
}

/// <summary>An archive that was unpacked.</summary>
/// <param name="Digest">"sha256:" and the hash of all its bytes, in hexadecimal digits.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Signed">Its signature, which is right; null where none was asked for.</param>
/// <param name="WasEncrypted">It was encrypted.</param>
internal sealed record UnpackedArchive(string Digest, long Length, SignatureCheck? Signed, bool WasEncrypted);
