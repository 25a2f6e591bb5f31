using Stasis.Engine.Criu.Images;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.ImageVerification;

/// <summary>Real images, as they are, and with one of them missing or cut.</summary>
public class GoldenTests
{
    [Fact]
    public void Nothing_is_found_in_what_CRIU_wrote() => Assert.Empty(new GoldenImages().Verify());

    [Fact]
    public void Every_image_cut_short_is_found()
    {
        foreach (var name in new GoldenImages().Names.Where(name => ImageKind.Find(name) is { Kind.Framing: not (ImageFraming.Pages or ImageFraming.Ghost) }))
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
        foreach (var name in new GoldenImages().Names.Where(name => ImageKind.Find(name) is { Kind.Framing: not (ImageFraming.Ghost or ImageFraming.Tar) }))
        {
            var images = new GoldenImages();
            images.Images[name] = [.. images.Images[name], 1];
            Assert.True(images.Verify().Count > 0, name);
        }
    }
}
