using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Images.Layers;
using Stasis.Engine.Storage;
using Stasis.Engine.Streams;
using Stasis.Linux.Files;

namespace Stasis.Engine.Images;

public sealed partial class ImageManager
{
    private const string OciImageType = "application/vnd.oci.image.";

    /// <summary>
    /// Writes an image into an archive that Podman, Docker and skopeo load. Its layers are packed anew: where that
    /// gives other bytes than those they came in, the image in the archive has another ID. A checkpoint image made here
    /// keeps its own.
    /// </summary>
    /// <param name="reference">The image.</param>
    /// <param name="format">The archive's.</param>
    /// <param name="target">Where it goes; it stays open.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellationToken">A cancelled call leaves what was written in the stream.</param>
    /// <exception cref="NotFoundException">There is no such image.</exception>
    public async Task SaveAsync(
        string reference,
        ImageFormat format,
        Stream target,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        using var staging = NewStaging();
        var archive = await SaveAsync(reference, format, staging, progress, cancellationToken);
        await using var stream = File.OpenRead(archive);
        await stream.CopyToAsync(target, cancellationToken);
    }

    /// <summary>
    /// As <see cref="SaveAsync(string, ImageFormat, Stream, IProgress{ImageProgress}?, CancellationToken)"/>, into a
    /// file. The file gets its name when it is complete.
    /// </summary>
    public async Task SaveAsync(
        string reference,
        ImageFormat format,
        string file,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        using var pending = PendingFile.Create(file, 0x1A4 /* 0644 */);
        using (var handle = new SafeFileHandle(pending.Handle.DangerousGetHandle(), ownsHandle: false))
        await using (var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0))
            await SaveAsync(reference, format, stream, progress, cancellationToken);
        pending.Commit();
    }

    private async Task<string> SaveAsync(
        string reference,
        ImageFormat format,
        StagingFolder staging,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken)
    {
        var (found, name) = Resolve(reference);
        var image = found ?? Get(reference);
        if (image.IsCheckpoint && format == ImageFormat.DockerArchive)
            throw new StasisException($"{reference} is a checkpoint image: a docker-archive has no place for what makes it one")
            {
                Remedy = Remedy.Create($"save it with {new RemedyOption(RemedyOptionKind.Format, "oci-archive")}"),
            };
        var folder = staging.PathOf("image");
        PrivateDirectory.Create(folder);
        await Task.Run(() => Stage(image, folder, isSeekable: false, progress, cancellationToken), cancellationToken);
        var archive = staging.PathOf("archive");
        var tag = name ?? (image.Names is [var first, ..] ? first : null);
        var transport = format == ImageFormat.DockerArchive ? "docker-archive" : "oci-archive";
        var target = $"{transport}:{archive}{(tag is null ? "" : $":{tag}")}";
        await Skopeo.WriteAsync(reference, folder, target, staging, _engine.Log, cancellationToken);
        return archive;
    }

    /// <summary>Lays the image out as skopeo's dir: transport has one.</summary>
    private void Stage(
        Image image, string folder, bool isSeekable, IProgress<ImageProgress>? progress, CancellationToken cancellationToken)
    {
        var layers = image.Layers.Select((chainId, i) =>
        {
            progress?.Report(new ImageProgress($"packing layer {i + 1} of {image.Layers.Count}", 0, null));
            var content = _engine.Layout.Layer(chainId);
            return isSeekable ? SeekableLayer.Write(content, LayerTar, folder, cancellationToken)
                : StageLayer(content, folder, LayerTar, cancellationToken);
        }).ToList();
        var config = WithLayers(Store.Config(image.Id), [.. layers.Select(layer => layer.DiffId)]);
        StageManifest(config, [.. layers.Select(layer => layer.Layer)], image.Annotations, folder);
    }

    private static void StageManifest(
        byte[] config, IReadOnlyList<OciDescriptor> layers, IReadOnlyDictionary<string, string> annotations, string folder)
    {
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new OciManifest
        {
            SchemaVersion = 2,
            MediaType = OciImageType + "manifest.v1+json",
            Config = new OciDescriptor
            {
                MediaType = OciImageType + "config.v1+json",
                Digest = Digests.Compute(config),
                Size = config.Length,
            },
            Layers = layers,
            Annotations = annotations.Count > 0 ? annotations : null,
        }, ImagesJson.Default.OciManifest);
        AtomicFile.Write(Path.Combine(folder, Digests.Hex(Digests.Compute(config))), config, durable: false);
        AtomicFile.Write(Path.Combine(folder, "manifest.json"), manifest, durable: false);
        AtomicFile.Write(Path.Combine(folder, "version"), "Directory Transport Version: 1.1\n"u8, durable: false);
    }

    private static (OciDescriptor Layer, string DiffId) StageLayer(
        string layer, string folder, TarPackerOptions options, CancellationToken cancellationToken)
    {
        var blob = Path.Combine(folder, "layer");
        using (var stream = File.Create(blob))
        {
            var tar = new TarWriter(stream);
            TarPacker.Write(tar, layer, options, cancellationToken);
            tar.Finish();
        }
        using var written = File.OpenRead(blob);
        using var digest = new HashingReadStream(written);
        var name = digest.Finish();
        // Two layers may be the same.
        File.Move(blob, Path.Combine(folder, Digests.Hex(name)), overwrite: true);
        return (new OciDescriptor { MediaType = OciImageType + "layer.v1.tar", Digest = name, Size = written.Length }, name);
    }

    /// <summary>The configuration, byte for byte if its layers' digests are those of what was packed.</summary>
    private static byte[] WithLayers(byte[] config, string[] diffIds)
    {
        var recorded = JsonSerializer.Deserialize(config, ImagesJson.Default.OciImageJson)?.RootFs?.DiffIds;
        if (recorded is not null && recorded.SequenceEqual(diffIds))
            return config;
        var json = JsonNode.Parse(config)!.AsObject();
        json["rootfs"] = new JsonObject
        {
            ["type"] = "layers",
            ["diff_ids"] = new JsonArray([.. diffIds.Select(diffId => (JsonNode)JsonValue.Create(diffId)!)]),
        };
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            json.WriteTo(writer);
        return buffer.ToArray();
    }
}
