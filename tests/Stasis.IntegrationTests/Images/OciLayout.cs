using System.Text;
using Stasis.Engine.Common;

namespace Stasis.IntegrationTests.Images;

/// <summary>An OCI layout made by hand, so that it can be wrong where a test wants it to be.</summary>
internal sealed class OciLayout
{
    private readonly string _folder;

    public OciLayout(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "blobs/sha256"));
        Write("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8);
    }

    /// <summary>Makes an image of layers' tars under a name.</summary>
    /// <param name="diffIds">What its configuration says of the layers, if not the truth.</param>
    /// <param name="config">More members of its configuration, e.g. <c>"config":{…},</c>.</param>
    public OciLayout Image(string name, IEnumerable<byte[]> layers, IReadOnlyList<string>? diffIds = null, string config = "")
    {
        var blobs = layers.Select(layer => (Digest: Blob(layer), layer.Length)).ToList();
        var said = diffIds ?? [.. blobs.Select(blob => blob.Digest)];
        var configuration = Encoding.UTF8.GetBytes(
            $$"""{"architecture":"amd64","os":"linux",{{config}}"rootfs":{"type":"layers","diff_ids":[{{string.Join(',', said.Select(d => $"\"{d}\""))}}] } }""");
        var manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"config":{{Descriptor("config.v1+json", Blob(configuration), configuration.Length)}},"layers":[{{string.Join(',', blobs.Select(b => Descriptor("layer.v1.tar", b.Digest, b.Length)))}}]}""");
        var named = Descriptor(
            "manifest.v1+json",
            Blob(manifest),
            manifest.Length,
            $$""","annotations":{"org.opencontainers.image.ref.name":"{{name}}"} """);
        Write("index.json", Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"manifests":[{{named}}]}"""));
        Id = Digests.Hex(Digests.Compute(configuration));
        return this;
    }

    public string Id { get; private set; } = "";

    public string BlobPath(string digest) => Path.Combine(_folder, "blobs/sha256", Digests.Hex(digest));

    private static string Descriptor(string type, string digest, int size, string more = "") =>
        $$"""{"mediaType":"application/vnd.oci.image.{{type}}","digest":"{{digest}}","size":{{size}}{{more}}}""";

    private string Blob(byte[] content)
    {
        var digest = Digests.Compute(content);
        Write(Path.Combine("blobs/sha256", Digests.Hex(digest)), content);
        return digest;
    }

    private void Write(string name, ReadOnlySpan<byte> content)
    {
        using var file = File.Create(Path.Combine(_folder, name));
        file.Write(content);
    }
}
