using System.Text.RegularExpressions;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Images;
using Xunit;

namespace Stasis.IntegrationTests.Images;

public sealed class SaveTests : IDisposable
{
    private readonly ImageFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    // Layers as others pack them: without what our own writer would add.
    private static byte[] Layer(params TarEntry[] entries)
    {
        using var tar = new MemoryStream();
        var writer = new TarWriter(tar);
        foreach (var entry in entries)
            writer.WriteEntry(entry);
        writer.Finish();
        return tar.ToArray();
    }

    private static TarEntry File(string name) => TarEntry.OfFile(name, 0, 0x1A4);

    // A whiteout is made when it is unpacked.
    private static string Tree(ImageFixture fixture, string layer) =>
        Regex.Replace(TreeListing.Of(fixture.Engine.Layout.Layer(layer)), @"(?<= 20000 0:0 )\S+", "");

    [Theory]
    [InlineData(ImageFormat.DockerArchive)]
    [InlineData(ImageFormat.OciArchive)]
    public async Task Saved_and_loaded_image_is_the_same_tree(ImageFormat format)
    {
        new OciLayout(_fixture.InHome("layout")).Image("app:1", [
            Layer(
                TarEntry.OfDirectory("etc", 0x1ED),
                File("etc/kept"),
                File("etc/gone"),
                TarEntry.OfDirectory("old", 0x1ED),
                File("old/hidden")),
            Layer(
                TarEntry.OfDirectory("etc", 0x1C9),
                File("etc/.wh.gone"),
                TarEntry.OfDirectory("old", 0x1ED),
                File("old/.wh..wh..opq"),
                File("old/new"))], config: "\"config\":{\"Cmd\":[\"sh\"]},");
        var image = Assert.Single(await _fixture.Images.LoadAsync(_fixture.InHome("layout"), null, ImageFixture.Cancellation));
        var trees = image.Layers.Select(layer => Tree(_fixture, layer)).ToList();
        await _fixture.Images.SaveAsync("app:1", format, _fixture.InHome("saved.tar"), null, ImageFixture.Cancellation);

        using var elsewhere = new ImageFixture();
        var loaded = Assert.Single(await elsewhere.Images.LoadAsync(_fixture.InHome("saved.tar"), null, ImageFixture.Cancellation));
        Assert.Equal(image.Names, loaded.Names);
        Assert.Equal(["sh"], loaded.Config.Cmd);
        Assert.Equal(trees, loaded.Layers.Select(layer => Tree(elsewhere, layer)));
    }

    [Fact]
    public async Task An_image_made_here_keeps_its_ID_and_its_annotations()
    {
        var folder = Directory.CreateDirectory(_fixture.InHome("folder")).FullName;
        await System.IO.File.WriteAllTextAsync(Path.Combine(folder, "file"), "content", ImageFixture.Cancellation);
        var annotations = new Dictionary<string, string> { [Image.CheckpointRuntime] = "runc", ["own"] = "\"ü\"" };
        var image = await _fixture.Images.CreateAsync(folder, null, "made", annotations, ImageFixture.Cancellation);
        Assert.True(image.IsCheckpoint);
        Assert.Equal(["localhost/made:latest"], image.Names);

        Assert.Contains("oci-archive", (await Assert.ThrowsAsync<StasisException>(() =>
            _fixture.Images.SaveAsync(
                "made",
                ImageFormat.DockerArchive,
                _fixture.InHome("saved.tar"),
                null,
                ImageFixture.Cancellation))).Remedy, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(_fixture.InHome("saved.tar")));
        await _fixture.Images.SaveAsync("made", ImageFormat.OciArchive, _fixture.InHome("saved.tar"), null, ImageFixture.Cancellation);

        using var elsewhere = new ImageFixture();
        var loaded = Assert.Single(await elsewhere.Images.LoadAsync(_fixture.InHome("saved.tar"), null, ImageFixture.Cancellation));
        Assert.Equal(image.Id, loaded.Id);
        Assert.Equal(annotations, loaded.Annotations);
    }
}
