using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Stasis.Engine.Archive.Age;
using Stasis.Engine.Archive.Signing;
using Stasis.Engine.Archive.Tar;

namespace Stasis.Engine.Archive;

/// <summary>
/// Unpacks a checkpoint archive into a folder of its own, in one pass over a file that is opened once. Only entries that the format knows are taken, each at most
/// once, regular files and folders only.
/// </summary>
internal static class ArchiveReader
{
    /// <summary>config.dump and spec.dump are a few kilobytes; this is what one is read up to.</summary>
    private const long MaxJson = 16 << 20;

    /// <summary>Unpacks <paramref name="archive"/> into <paramref name="folder"/>, which exists and is empty.</summary>
    /// <param name="archive">Path, or "-" for standard input.</param>
    /// <param name="access">Who reads it, and who must have signed it.</param>
    /// <param name="folder">Where entries go, under their names.</param>
    /// <param name="progress">Told how much of the archive was read, and how long it is if that is known.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <returns>What the archive is, by its bytes.</returns>
    /// <exception cref="ArchiveException">It can't be read or decrypted, is damaged, has an entry that doesn't belong, or isn't signed as it has to be; what was unpacked is then not to be used.</exception>
    public static UnpackedArchive Unpack(string archive, ArchiveAccess access, string folder, Action<(long Done, long? Total)> progress, CancellationToken cancellation)
    {
        using var file = ArchiveSource.Open(archive);
        return Unpack(archive, file, access, folder, progress, cancellation);
    }

    /// <summary>As above, of an archive that <see cref="ArchiveSource.Open"/> opened; it is read from its beginning to its end, and stays open.</summary>
    public static UnpackedArchive Unpack(string archive, Stream file, ArchiveAccess access, string folder, Action<(long Done, long? Total)> progress, CancellationToken cancellation)
    {
        using var source = new ArchiveSource(archive, file, access, progress, cancellation);
        var entry = default(string);
        try
        {
            using var plain = Compression.OpenReadAhead(source.Content, cancellation);
            using var tar = new TarReader(plain);
            var seen = new HashSet<string>();
            while (tar.Next() is { } header)
            {
                entry = NameOf(header, archive);
                if (entry is "." or "")
                    continue;
                if (seen.Count == 0 && !ArchiveFiles.IsFile(entry) && !ArchiveFiles.IsFolder(entry))
                    throw NotOne(archive, $"it begins with {entry}");
                if (!seen.Add(entry))
                    throw new ArchiveException(archive, entry, "it is there twice");
                UnpackEntry(archive, tar, header, entry, folder, cancellation);
            }
            // Only the end of the compressed stream tells that it is whole: the checksum over all of it is there.
            RequireEnd(archive, plain);
            return seen.Count > 0 ? new UnpackedArchive(source.Digest(), source.Length, source.Signature, source.IsEncrypted) : throw NotOne(archive, "it is empty");
        }
        catch (TarException e) when (entry is null)
        {
            throw NotOne(archive, source.Length == 0 ? "it is empty" : "it is neither a tar, nor one compressed with zstd or gzip", e);
        }
        catch (StasisException e) when (e is CompressionException or TarException or AgeException)
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
        var json = new FileInfo(path).Length <= MaxJson
            ? File.ReadAllBytes(path)
            : throw new ArchiveException(archive, entry, $"it is longer than {MaxJson} bytes");
        if (json.Length == 0)
            throw new ArchiveException(archive, entry, "it is empty");
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new ArchiveException(archive, entry, "it is null");
        }
        catch (JsonException e)
        {
            throw new ArchiveException(archive, entry, $"it is not of the expected form: {e.Message}", e);
        }
    }

    private static void UnpackEntry(string archive, TarReader tar, TarEntry header, string entry, string folder, CancellationToken cancellation)
    {
        var target = Path.Combine(folder, entry);
        if (header.Type == TarEntryType.Directory && ArchiveFiles.IsFolder(entry))
        {
            Directory.CreateDirectory(target);
            return;
        }
        if (header.Type == TarEntryType.Symlink && entry == ArchiveFiles.Parent)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.CreateSymbolicLink(target, "../" + ArchiveFiles.PreCheckpoint);
            return;
        }
        if (header.Type != TarEntryType.File || !ArchiveFiles.IsFile(entry))
            throw new ArchiveException(archive, entry, $"a checkpoint archive has no such entry ({header.Type})");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using var file = File.OpenHandle(target, FileMode.CreateNew, FileAccess.Write);
        tar.CopyDataTo(file, cancellation);
        FaultPoint.Hit("archive.unpacked");
    }

    // Writers fill up their last record with zeros.
    private static void RequireEnd(string archive, PieceStream plain)
    {
        for (var piece = plain.Peek(); !piece.IsEmpty; piece = plain.Peek())
        {
            if (piece.IndexOfAnyExcept((byte)0) is >= 0 and var at)
                throw new ArchiveException(archive, null, $"tar, offset {plain.Count + at}: trailing data behind its end");
            plain.Advance(piece.Length);
        }
    }

    private static ArchiveException NotOne(string archive, string why, Exception? inner = null) => new(archive, null, $"not a checkpoint archive: {why}", inner)
    {
        Remedy = "stasis container checkpoint --export FILE writes one; images are loaded with stasis load, and made of a root file system's tar with stasis import",
    };

    // Podman's names are relative; other writers put "./" before them.
    private static string NameOf(TarEntry header, string archive)
    {
        string name;
        try
        {
            name = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(header.Name.Span);
        }
        catch (DecoderFallbackException e)
        {
            throw new ArchiveException(archive, null, "an entry's name is not UTF-8", e);
        }
        return (name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name).TrimEnd('/');
    }
}

/// <summary>An archive that was unpacked.</summary>
/// <param name="Digest">"sha256:" and the hash of all its bytes, in hexadecimal digits.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Signed">Its signature, which is right; null where none was asked for.</param>
/// <param name="WasEncrypted">It was encrypted.</param>
internal sealed record UnpackedArchive(string Digest, long Length, SignatureCheck? Signed, bool WasEncrypted);
