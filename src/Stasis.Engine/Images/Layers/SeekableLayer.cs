using Stasis.Engine.Common;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Images.Registry;
using Stasis.Engine.Streams;

namespace Stasis.Engine.Images.Layers;

/// <summary>
/// A layer in zstd frames whose digests are at its end, so that who gets it from a registry can read parts of it, and verify them
/// (<see cref="RegistryLayer"/>). For every other program it is a layer in zstd.
/// </summary>
internal static class SeekableLayer
{
    private const string MediaType = "application/vnd.oci.image.layer.v1.tar+zstd";

    // zstd's default.
    private const int Level = 3;

    /// <summary>Packs a folder.</summary>
    /// <param name="content">What is in it becomes the layer.</param>
    /// <param name="options">How it is packed.</param>
    /// <param name="folder">Where the layer's blob is written to, under the digits of its digest.</param>
    /// <param name="cancellation">A cancelled call leaves a part of it in the folder.</param>
    /// <returns>The layer, and the digest of its plain tar.</returns>
    public static (OciDescriptor Layer, string DiffId) Write(
        string content, TarPackerOptions options, string folder, CancellationToken cancellation)
    {
        var blob = Path.Combine(folder, "layer");
        string digest, diffId, frames;
        long length;
        using (var stream = File.Create(blob))
        {
            var compressed = new HashingWriteStream(stream);
            var zstd = new ZstdFrameWriter(compressed, Level, hasDigests: true);
            using (zstd)
            {
                var plain = new HashingWriteStream(zstd);
                var tar = new TarWriter(plain);
                TarPacker.Write(tar, content, options, cancellation);
                tar.Finish();
                diffId = plain.Digest();
            }
            (digest, length) = (compressed.Digest(), stream.Length);
            frames = RegistryLayer.Describe(length - zstd.Tables.Length, zstd.Tables);
        }
        File.Move(blob, Path.Combine(folder, Digests.Hex(digest)), overwrite: true);
        var annotations = new Dictionary<string, string> { [RegistryLayer.Annotation] = frames };
        return (new OciDescriptor { MediaType = MediaType, Digest = digest, Size = length, Annotations = annotations }, diffId);
    }
}
