using Stasis.Engine.Oci;
using Xunit;

namespace Stasis.UnitTests.Oci;

public sealed class OverlayRootTests
{
    [Fact]
    public void Layers_of_one_option_are_listed_topmost_first()
    {
        var overlay = OverlayRoot.Parse(["rw", "lowerdir=/a/l/TOP:/a/l/BASE", "upperdir=/a/1/diff", "workdir=/a/1/work"]);
        Assert.Equal("/a/1/diff", overlay!.Upper);
        Assert.Equal(["/a/l/TOP", "/a/l/BASE"], overlay.Lowers);
    }

    [Fact]
    public void Layers_that_were_given_one_by_one_are_listed_in_their_order() =>
        Assert.Equal(["/top", "/base"], OverlayRoot.Parse(["upperdir=/u/diff", "lowerdir+=/top", "lowerdir+=/base"])!.Lowers);

    [Fact]
    public void Short_names_are_relative_to_the_drivers_folder() =>
        Assert.Equal(["/docker/overlay2/l/A", "/docker/overlay2/l/B"],
            OverlayRoot.Parse(["lowerdir=l/A:l/B", "upperdir=/docker/overlay2/id/diff"])!.Lowers);

    [Fact]
    public void Special_characters_are_unescaped()
    {
        var overlay = OverlayRoot.Parse([@"lowerdir=/a\134:b:/c\054d\040e", @"upperdir=/u\075v/diff"]);
        Assert.Equal(["/a:b", "/c,d e"], overlay!.Lowers);
        Assert.Equal("/u=v/diff", overlay.Upper);
    }

    [Fact]
    public void Overlay_that_can_not_be_written_is_none() => Assert.Null(OverlayRoot.Parse(["ro", "lowerdir=/a:/b"]));
}
