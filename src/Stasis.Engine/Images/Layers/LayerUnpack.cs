using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Streams;
using Stasis.Linux.Files;

namespace Stasis.Engine.Images.Layers;

/// <summary>Unpacks layers' blobs and verifies them.</summary>
internal static class LayerUnpack
{
    private const int ProgressStep = 1 << 20;

    /// <summary>Unpacks a blob with known digests; gives the bytes of its files.</summary>
    public static long Verified(
        FileStream blob,
        string blobDigest,
        string diffId,
        string folder,
        ArchiveLimits? limits,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellation)
    {
        try
        {
            using var raw = new HashingReadStream(blob, Report(progress, $"layer {blobDigest[..19]}", blob.Length));
            // Of a layer that isn't compressed both are digests of the same bytes.
            var (diff, size) = Unpack(raw, diffId != blobDigest, folder, entry => Require(limits, blob.Length, entry), cancellation);
            Check("blob", raw.Finish(), blobDigest);
            if (diff is not null)
                Check("content", diff, diffId);
            return size;
        }
        catch (Exception e) when (e is TarException or CompressionException or LayerException)
        {
            throw new StasisException($"layer {blobDigest}: {e.Message}", e);
        }
    }

    /// <summary>Unpacks a tar that has come without digests.</summary>
    public static (string DiffId, long Size) Unknown(
        Stream tar, long? length, string folder, IProgress<ImageProgress>? progress, CancellationToken cancellation)
    {
        using var counted = new HashingReadStream(tar, Report(progress, "root file system", length));
        var (diff, size) = Unpack(counted, hash: true, folder, static _ => { }, cancellation);
        return (diff!, size);
    }

    private static (string? DiffId, long Size) Unpack(
        Stream raw, bool hash, string folder, Action<(long Entries, long Size)> counted, CancellationToken cancellation)
    {
        long size = 0, entries = 0;
        using var plain = CompressionStreams.OpenRead(raw);
        using var digest = hash ? new HashingReadStream(plain) : null;
        using var reader = new TarReader(digest ?? plain, new TarReaderOptions { RequireEndMarker = false });
        using var root = RootedPath.Open(folder);
        var options = new TarExtractorOptions
        {
            Devices = true,
            Whiteouts = true,
            Filter = entry =>
            {
                size += entry.Size;
                counted((++entries, size));
                return true;
            },
        };
        try
        {
            TarExtractor.Extract(reader, root, options, cancellation);
        }
        catch (IOException e) when (FileErrorText.IsFull(e))
        {
            throw new StasisException($"unpacking a layer: {FileErrorText.Why(e)}", e) { Remedy = FileErrorText.Remedy(e, folder) };
        }
        return (digest?.Finish(), size);
    }

    private static void Require(ArchiveLimits? limits, long length, (long Entries, long Size) content)
    {
        if (limits is null)
            return;
        if (content.Size > limits.MaxSize || (content.Size > limits.RatioFrom && content.Size / limits.MaxRatio > length))
            throw new LayerException($"its content has more than {content.Size} bytes: more than is allowed for {length} bytes of it");
        if (content.Entries > limits.EntriesFrom && content.Entries * limits.BytesPerEntry > length)
            throw new LayerException($"it has more than {content.Entries} entries in {length} bytes");
    }

    private static void Check(string what, string found, string wanted)
    {
        if (found != wanted)
            throw new LayerException($"its {what} has the digest {found}: damaged, or not what the image asks for");
    }

    private static Action<long>? Report(IProgress<ImageProgress>? progress, string what, long? total)
    {
        if (progress is null)
            return null;
        long next = 0;
        return count =>
        {
            if (count < next && count != total)
                return;
            next = count + ProgressStep;
            progress.Report(new ImageProgress(what, count, total));
        };
    }

    private sealed class LayerException(string why) : Exception(why);
}
