using Stasis.Engine.Criu.Images;
using Xunit;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>Real images, as they are, and with one of them missing or cut.</summary>
public class GoldenTests
{
    [Fact]
    public void Images_of_CRIU_have_no_findings() => Assert.Empty(new GoldenImages().Verify());

    [Fact]
    public void Every_image_cut_short_is_found()
    {
        foreach (var name in new GoldenImages().Names
            .Where(name => ImageKind.Find(name) is { Kind.Layout: not (ImageLayout.Pages or ImageLayout.Ghost) }))
        {
            var images = new GoldenImages();
            images.Images[name] = images.Images[name][..^1];
            Assert.True(images.Verify().Count > 0, name);
        }
    }

    [Fact]
    public void Every_image_with_something_more_is_found()
    {
        // Contents of deleted files may have any length; of what follows a gzip stream, gzip itself complains.
        foreach (var name in new GoldenImages().Names
            .Where(name => ImageKind.Find(name) is { Kind.Layout: not (ImageLayout.Ghost or ImageLayout.Tar) }))
        {
            var images = new GoldenImages();
            images.Images[name] = [.. images.Images[name], 1];
            Assert.True(images.Verify().Count > 0, name);
        }
    }

    // Found by fuzzing: JSON can write half a character, as an escape or as a byte, and no text can have it.
    [Theory]
    [InlineData("[\"/dev/null\",\"pipe:[1]\",\"\\ud800\"]")]
    [InlineData("[\"/dev/null\",\"pipe:[1]\",\"/a\\udc00\"]")]
    [InlineData("[\"/dev/null\",\"pipe:[1]\",\"/\u00c3\"]")]
    public void Half_a_character_among_the_descriptors_is_found(string json)
    {
        var images = new GoldenImages();
        images.Images["descriptors.json"] = System.Text.Encoding.Latin1.GetBytes(json);

        Assert.Contains(images.Verify(), finding => finding is { Rule: "image-stdio", Where: "checkpoint/descriptors.json" });
    }
}
