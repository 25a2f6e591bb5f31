using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;

namespace Stasis.Engine.Archive;

/// <summary>
/// Unpacks a checkpoint archive into a folder of its own, in one pass over a file that is opened once. Only
/// entries that the format knows are accepted, each at most once, regular files and folders only. Their
/// contents are validated.
/// </summary>
internal static class ArchiveUnpacker
{
    /// <summary>Unpacks <paramref name="archive"/> into <paramref name="folder"/>, which exists and is empty.</summary>
    /// <param name="archive">The archive's path, or "-" for standard input.</param>
    /// <param name="access">The identities to decrypt with, the signers, and the limits.</param>
    /// <param name="folder">The folder that entries are written to, under their names.</param>
    /// <param name="progress">Receives the bytes read so far, and the archive's length if it is known.</param>
    /// <param name="cancellation">Stops between pieces of data; what was unpacked stays.</param>
    /// <returns>The archive's digest, length and signature.</returns>
    /// <exception cref="ArchiveException">
    /// The archive can't be read or decrypted, is damaged, exceeds the limits, has an entry that doesn't
    /// belong, or isn't signed as required. What was unpacked must not be used.
    /// </exception>
    public static UnpackedArchive Unpack(
        string archive,
        ArchiveReadSettings access,
        string folder,
        Action<(long Done, long? Total)> progress,
        CancellationToken cancellation)
    {
        using var file = HashedArchiveInput.Open(archive);
        return Unpack(archive, file, access, folder, progress, cancellation);
    }

    /// <summary>
    /// As above, for an archive that <see cref="HashedArchiveInput.Open"/> opened. It is read from its beginning to
    /// its end, and stays open.
    /// </summary>
    public static UnpackedArchive Unpack(
        string archive,
        Stream file,
        ArchiveReadSettings access,
        string folder,
        Action<(long Done, long? Total)> progress,
        CancellationToken cancellation)
    {
        using var source = new HashedArchiveInput(archive, file, access, progress, cancellation);
        var unpacking = new ArchiveExtractor(archive, access.Limits, folder);
        return unpacking.AnnotateErrors(
            () =>
            {
                using var plain = CompressionStreams.OpenReadAhead(source.Content, cancellation);
                using var tar = new TarReader(new LimitedStream(plain, source, archive, access.Limits));
                var budget = new EntryBudget(archive, () => source.Length, access.Limits);
                unpacking.ExtractAll(tar, static _ => false, budget, cancellation);
                LayerDiff.Convert(archive, folder, access.Limits, budget, cancellation);
                var unpacked = new UnpackedArchive(source.Digest(), source.Length, source.Signature, source.IsEncrypted);
                var begun = Stopwatch.GetTimestamp();
                new ArchiveValidator(archive, folder, access.Limits, budget).Check(cancellation);
                return unpacked with { ValidationDuration = Stopwatch.GetElapsedTime(begun) };
            },
            () => source.Length);
    }

    /// <summary>
    /// Unpacks an indexed archive without the content of CRIU's files of memory pages: they are created with
    /// their length, and are zero. The archive, a file of <paramref name="length"/> bytes, isn't hashed.
    /// </summary>
    public static void UnpackWithoutPages(
        string archive,
        RandomAccessArchive index,
        long length,
        ArchiveLimits limits,
        string folder,
        CancellationToken cancellation)
    {
        var unpacking = new ArchiveExtractor(archive, limits, folder);
        _ = unpacking.AnnotateErrors(
            () =>
            {
                LimitedStream.Require(index.Length, length, archive, limits);
                using var tar = new TarReader(index.OpenPlain());
                var budget = new EntryBudget(archive, () => length, limits);
                unpacking.ExtractAll(tar, ArchiveEntryNames.IsPages, budget, cancellation);
                new ArchiveValidator(archive, folder, limits, budget).Check(cancellation);
                return index;
            },
            () => length);
    }

    /// <summary>Reads an unpacked JSON entry.</summary>
    /// <exception cref="ArchiveException">The entry is missing, empty, too long, isn't JSON, or has another shape.</exception>
    public static T ReadJson<T>(string archive, string folder, string entry, JsonTypeInfo<T> type) where T : class
    {
        var path = ArchiveEntryNames.PathIn(folder, entry);
        if (!File.Exists(path))
            throw new ArchiveException(archive, entry, "it is missing: this is not a container's checkpoint archive");
        var limits = ArchiveLimits.Default;
        return new FileInfo(path).Length <= limits.MaxJson
            ? StrictJsonReader.Read(archive, entry, File.ReadAllBytes(path), type, limits)
            : throw new ArchiveException(archive, entry, $"it is longer than {limits.MaxJson} bytes");
    }
}
