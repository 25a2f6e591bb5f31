using System.Text.Json;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Images;

/// <summary>An image in a folder of skopeo's dir: transport: manifest.json, and blobs named by the digits of their digests.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Manifest">The manifest.</param>
/// <param name="ManifestDigest">Its digest.</param>
/// <param name="Config">The configuration, byte for byte, verified.</param>
/// <param name="DiffIds">Of its layers, as many as the manifest has.</param>
internal sealed record SkopeoDirImage(
    string Folder, OciManifest Manifest, string ManifestDigest, byte[] Config, IReadOnlyList<string> DiffIds)
{
    /// <summary>Reads and checks it. <paramref name="source"/> is for messages.</summary>
    /// <exception cref="StasisException">It isn't an image that a container can be made of, or it is damaged.</exception>
    public static SkopeoDirImage Read(string folder, string source)
    {
        try
        {
            var bytes = File.ReadAllBytes(Path.Combine(folder, "manifest.json"));
            var manifest = JsonSerializer.Deserialize(bytes, ImagesJson.Default.OciManifest) ?? throw new JsonException("it is null");
            if (manifest is not { SchemaVersion: 2, Config: { } descriptor, Layers: { } layers })
                throw new StasisException($"{source}: its manifest is neither OCI's nor Docker's schema 2")
                {
                    Remedy = "convert it with skopeo copy --format oci",
                };
            var config = File.ReadAllBytes(Path.Combine(folder, Digests.Hex(descriptor.Digest)));
            if (Digests.Compute(config) is var digest && digest != descriptor.Digest)
                throw new StasisException($"{source}: configuration {descriptor.Digest}: it has the digest {digest}: damaged");
            var diffIds = JsonSerializer.Deserialize(config, ImagesJson.Default.OciImageJson)?.RootFs?.DiffIds
                ?? throw new StasisException($"{source}: not a container image: its configuration has no root file system");
            if (diffIds.Count != layers.Count)
                throw new StasisException($"{source}: its manifest has {layers.Count} layers, its configuration {diffIds.Count}");
            foreach (var name in diffIds.Concat(layers.Select(layer => layer.Digest)))
                _ = Digests.Hex(name);
            return new SkopeoDirImage(folder, manifest, Digests.Compute(bytes), config, diffIds);
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException)
        {
            throw new StasisException($"{source}: manifest or configuration can't be read: {e.Message}", e);
        }
    }

    /// <summary>Where a layer's blob is.</summary>
    public string Blob(OciDescriptor layer) => Path.Combine(Folder, Digests.Hex(layer.Digest));
}
