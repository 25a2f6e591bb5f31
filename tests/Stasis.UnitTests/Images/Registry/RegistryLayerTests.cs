using Stasis.Engine.Images;
using Stasis.Engine.Images.Registry;
using Xunit;

namespace Stasis.UnitTests.Images.Registry;

/// <summary>What a manifest says of a layer whose parts can be read alone.</summary>
public sealed class RegistryLayerTests
{
    private static readonly string Digest = "sha256:" + new string('a', 64);

    [Fact]
    public void What_is_described_is_read()
    {
        var layer = Parse(RegistryLayer.Describe(100, [1, 2, 3]), 103)!;

        Assert.Equal((100, 103), (layer.TablesOffset, layer.Length));
        using var file = layer.ToFile();
        Assert.Equal(layer, RegistryLayer.Read(file));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("100")]
    [InlineData("100 sha256:aa")]
    [InlineData("-1 sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("103 sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("99999999999999999999 sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Any_other_layer_is_pulled_as_a_whole(string? annotation) => Assert.Null(Parse(annotation, 103));

    [Fact]
    public void Tables_that_would_fill_memory_are_not_read() => Assert.Null(Parse($"1 {Digest}", 1L << 40));

    private static RegistryLayer? Parse(string? annotation, long size) => RegistryLayer.TryParse(
        new OciDescriptor
        {
            Digest = Digest,
            Size = size,
            Annotations = annotation is null ? null : new Dictionary<string, string> { [RegistryLayer.Annotation] = annotation },
        },
        "example.com/a",
        new RegistryOptions());
}
