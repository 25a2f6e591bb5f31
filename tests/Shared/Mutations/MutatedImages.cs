using Stasis.Engine.Criu.Images;

namespace Stasis.Tests.Mutations;

/// <summary>Images in memory, with other content in one of them.</summary>
/// <param name="images">Content of each image file by name.</param>
/// <param name="file">The file that has other content.</param>
/// <param name="content">That content.</param>
internal sealed class MutatedImages(IReadOnlyDictionary<string, byte[]> images, string file, byte[] content) : ImageFileSource
{
    public override IEnumerable<string> Names => images.Keys;

    public override long? Length(string name) => images.ContainsKey(name) ? Content(name).Length : null;

    public override ImageChunkReader Open(string name) => new(Content(name));

    public override Stream OpenStream(string name) => new MemoryStream(Content(name), writable: false);

    private byte[] Content(string name) => name == file ? content : images[name];
}
