using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Files;

namespace Stasis.Engine.Archive;

/// <summary>
/// The changes to the root file system in an archive of containerd (internal/cri/server, container_checkpoint_linux.go): they are an image
/// layer, compressed, in which a deleted file is an entry <c>.wh.NAME</c>. Podman's are a plain tar with a list of deleted files beside it,
/// which everything else here reads.
/// </summary>
internal static class LayerDiff
{
    private static ReadOnlySpan<byte> Gzip => [0x1F, 0x8B];

    /// <summary>Makes a layer in an unpacked archive what Podman's archives have. Does nothing if it is that already.</summary>
    /// <param name="archive">The archive's name in messages.</param>
    /// <param name="folder">The folder that the archive was unpacked to.</param>
    /// <param name="limits">How much the archive may ask for.</param>
    /// <param name="budget">Counts the entries.</param>
    /// <param name="cancellation">Stops between entries.</param>
    /// <exception cref="ArchiveException">The layer is larger than the limits allow, or has what isn't understood.</exception>
    public static void Convert(
        string archive, string folder, ArchiveLimits limits, EntryBudget budget, CancellationToken cancellation)
    {
        var path = ArchiveEntryNames.PathIn(folder, ArchiveEntryNames.RootfsDiff);
        if (!IsCompressed(path))
            return;
        var converted = path + ".plain";
        var most = Math.Min(limits.MaxSize, Math.Max(limits.RatioFrom, new FileInfo(path).Length * limits.MaxRatio));
        var deleted = new MemoryStream();
        using (var packed = File.OpenRead(path))
        using (var plain = CompressionStreams.OpenRead(packed))
        using (var layer = new TarReader(plain))
        using (var output = new FileStream(converted, FileMode.CreateNew, FileAccess.Write))
        {
            var writer = new TarWriter(output);
            while (layer.Next() is { } entry)
            {
                cancellation.ThrowIfCancellationRequested();
                budget.CountEntry(ArchiveEntryNames.RootfsDiff);
                if (output.Position + entry.Size > most)
                {
                    throw new ArchiveException(archive, ArchiveEntryNames.RootfsDiff, $"it has more than {most} bytes")
                    {
                        Remedy = "allow more with --max-size and --max-ratio",
                    };
                }
                if (!Whiteout.TryFindHidden(entry, out var hidden))
                    writer.WriteEntry(entry with { Extents = null }, layer.Data, cancellation);
                else if (hidden is null)
                    throw new ArchiveException(archive, ArchiveEntryNames.RootfsDiff, ExplainOpaque(entry));
                else
                    deleted.Write([(byte)'/', .. hidden, 0]);
            }
            writer.Finish();
        }
        File.Move(converted, path, overwrite: true);
        if (deleted.Length > 0)
            AtomicFile.Write(ArchiveEntryNames.PathIn(folder, ArchiveEntryNames.DeletedNames), deleted.ToArray(), durable: false);
    }

    private static string ExplainOpaque(TarEntry entry) =>
        $"{EntryNameValidator.Shown(entry.NameText)}: a folder that hides all that the image has in it, which the archive doesn't list";

    private static bool IsCompressed(string path)
    {
        if (!File.Exists(path))
            return false;
        using var file = File.OpenRead(path);
        var begin = new byte[Gzip.Length];
        return file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) == begin.Length && begin.AsSpan().SequenceEqual(Gzip);
    }
}
