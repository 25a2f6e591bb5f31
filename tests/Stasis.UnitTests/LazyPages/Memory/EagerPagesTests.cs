using Stasis.Engine.LazyPages.Memory;
using Xunit;

namespace Stasis.UnitTests.LazyPages.Memory;

public sealed class EagerPagesTests : IDisposable
{
    private const ulong Base = 0x7f0000000000;

    private readonly PagemapImages _images = new();

    public void Dispose() => _images.Dispose();

    [Fact]
    public void Ranges_that_no_pagemap_marks_as_lazy_are_eager()
    {
        PagemapImages.Write(_images.Folder, 1, 1,
        [
            PagemapImages.Entry(Base, 2, PagemapImages.Present),
            PagemapImages.Entry(Base + 0x2000, 3, PagemapImages.Lazy_ | PagemapImages.Present),
            PagemapImages.Entry(Base + 0x5000, 1, PagemapImages.Present),
            PagemapImages.Entry(Base + 0x9000, 1, PagemapImages.Lazy_ | PagemapImages.Present),
        ]);
        PagemapImages.Write(_images.Folder, 2, 2, [PagemapImages.Entry(Base, 4, PagemapImages.Lazy_ | PagemapImages.Present)]);
        // Shared memory has pagemaps of another name, which CRIU reads at once.
        File.WriteAllBytes(Path.Combine(_images.Folder, "pages-3.img"), new byte[8192]);

        Assert.Equal(
            [new("pages-1.img", 0, 0x2000), new("pages-1.img", 0x5000, 0x1000), new("pages-3.img", 0, 0x2000)],
            EagerPages.Find(_images.Folder).OrderBy(range => (range.File, range.Offset)));
    }

    [Fact]
    public void Lazy_pages_of_an_earlier_dump_are_not_in_this_ones_file()
    {
        PagemapImages.Write(_images.Folder, 1, 1,
        [
            PagemapImages.Entry(Base, 2, PagemapImages.Lazy_ | PagemapImages.Parent),
            PagemapImages.Entry(Base + 0x2000, 1, PagemapImages.Present),
        ]);
        PagemapImages.Write(_images.ParentFolder, 1, 1, [PagemapImages.Entry(Base, 2, PagemapImages.Lazy_ | PagemapImages.Present)]);
        Assert.Equal([new("pages-1.img", 0, 0x1000)], EagerPages.Find(_images.Folder));
    }
}
