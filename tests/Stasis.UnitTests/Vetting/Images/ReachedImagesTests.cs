using Xunit;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>
/// Images that CRIU doesn't open, beginning with the process tree: Podman leaves those of an earlier checkpoint
/// in the archive.
/// </summary>
public class ReachedImagesTests
{
    [Theory]
    [InlineData("core-1.img", "core-77.img")]
    [InlineData("mm-1.img", "mm-77.img")]
    [InlineData("ids-1.img", "ids-77.img")]
    [InlineData("fs-1.img", "fs-77.img")]
    [InlineData("pagemap-1.img", "pagemap-77.img")] // which names pages that are a process's
    public void Images_of_no_process_are_ignored(string from, string to)
    {
        var images = new GoldenImages();
        images.Images[to] = images.Images[from];
        Assert.Empty(images.Verify());
    }

    [Theory]
    [InlineData("fdinfo-", "fdinfo-99.img")]
    [InlineData("pages-", "pages-99.img")]
    [InlineData("ghost-file-", "ghost-file-4d.img")]
    [InlineData("tmpfs-dev-", "tmpfs-dev-9999.tar.gz.img")]
    [InlineData("mountpoints-", "mountpoints-99.img")]
    [InlineData("utsns-", "utsns-99.img")]
    public void Images_that_none_names_are_ignored(string kind, string name)
    {
        var images = new GoldenImages();
        images.Images[name] = images.Images[images.Names.Order(StringComparer.Ordinal)
            .First(image => image.StartsWith(kind, StringComparison.Ordinal))];
        Assert.Empty(images.Verify());
    }

    [Fact]
    public void Ignored_images_are_well_formed_nevertheless()
    {
        var images = new GoldenImages();
        images.Images["core-77.img"] = images.Images["core-1.img"][..^1];
        Assert.Equal("image-format", Assert.Single(images.Verify()).Rule);
    }

    [Fact]
    public void Images_that_a_process_names_are_not_ignored()
    {
        var images = new GoldenImages();
        var processes = new ForgedRecords(images, "pstree");
        images.Images["core-77.img"] = images.Images["core-1.img"];
        processes.All[0].Add("threads", 77);
        processes.Write();
        Assert.Contains(images.Verify(), finding => finding.Where.StartsWith("checkpoint/core-77.img", StringComparison.Ordinal));
    }
}
