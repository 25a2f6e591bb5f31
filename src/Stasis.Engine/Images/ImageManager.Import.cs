using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Images.Layers;
using Stasis.Linux.Files;

namespace Stasis.Engine.Images;

public sealed partial class ImageManager
{
    /// <summary>
    /// Makes an image of one layer out of a root file system's tar (plain, gzip or zstd; "-" is standard input). Its
    /// configuration is the one that <c>podman import</c> makes of the same file, so both get the same ID; it was
    /// created when the file was last changed. An image that had the name before loses it.
    /// </summary>
    /// <exception cref="ArchiveException">It can't be read, or isn't a tar.</exception>
    public async Task<Image> ImportAsync(
        string tar, string name, IProgress<ImageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var fullName = NameToGive(name);
        await using var source = OpenTar(tar, out var seconds, out var nanoseconds);
        using var staging = NewStaging();
        using var install = new LayerInstall(_engine.Layout, _engine.Log, staging, "layer-");
        string diffId;
        try
        {
            diffId = await install.AddUnknownAsync(source, source.CanSeek ? source.Length : null, progress, cancellationToken);
        }
        catch (Exception e) when (e is TarException or CompressionException)
        {
            throw new ArchiveException(tar, null, e.Message, e)
            {
                Remedy = (e as CompressionException)?.Remedy
                    ?? (e is TarException ? "a root file system's tar is wanted, plain or compressed with zstd or gzip" : null),
            };
        }
        return Record(install, OneLayerConfig.OfImported(diffId, seconds, nanoseconds), null, null, [fullName], retag: true);
    }

    private static Stream OpenTar(string tar, out long seconds, out uint nanoseconds)
    {
        if (tar == "-")
        {
            var now = DateTimeOffset.UtcNow;
            (seconds, nanoseconds) = (now.ToUnixTimeSeconds(), (uint)(now.Ticks % TimeSpan.TicksPerSecond * 100));
            return StandardStream.Input;
        }
        try
        {
            var file = new FileStream(tar, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);
            var status = FileStatus.Read(file.SafeFileHandle);
            (seconds, nanoseconds) = (status.ModifiedSeconds, status.ModifiedNanoseconds);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ArchiveException.CantOpen(tar, "a tar", e);
        }
    }
}
