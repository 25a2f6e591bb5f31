using Stasis.Engine.Criu;
using Xunit;

namespace Stasis.UnitTests.LazyPages.Memory;

public sealed class LazyTaskMemoryTests : IDisposable
{
    private const ulong Base = 0x7f0000000000;

    private readonly PagemapImages _images = new();

    public void Dispose() => _images.Dispose();

    [Fact]
    public void Pages_that_CRIU_restores_itself_are_counted_in_the_file_alone()
    {
        PagemapImages.Write(_images.Folder, 7, 3,
        [
            PagemapImages.Entry(Base, 2, PagemapImages.Present),
            PagemapImages.Entry(Base + 0x2000, 3, PagemapImages.Lazy_ | PagemapImages.Present),
            PagemapImages.Entry(Base + 0x9000, 1, PagemapImages.Lazy_ | PagemapImages.Present),
        ]);
        var memory = _images.Read(7);
        Assert.Equal(4, memory.Pages);
        Assert.Equal(
            [(Base + 0x2000, 0, 3, 0x2000L), (Base + 0x9000, 3, 1, 0x5000L)],
            memory.Runs.Select(run => (run.Address, run.Page, run.Count, run.Offset)));
        Assert.Equal(3, memory.RunOf(3).Page);
        Assert.Equal(0, memory.RunOf(2).Page);
    }

    [Fact]
    public void Pages_that_follow_each_other_are_one_run()
    {
        var memory = _images.Lazy((Base, 2), (Base + 0x2000, 3));
        Assert.Equal([(Base, 0, 5, 0L)], memory.Runs.Select(run => (run.Address, run.Page, run.Count, run.Offset)));
    }

    [Fact]
    public void Pages_of_a_parent_come_from_its_file()
    {
        PagemapImages.Write(_images.Folder, 1, 1,
        [
            PagemapImages.Entry(Base, 1, PagemapImages.Lazy_ | PagemapImages.Present),
            PagemapImages.Entry(Base + 0x1000, 4, PagemapImages.Lazy_ | PagemapImages.Parent),
        ]);
        PagemapImages.Write(_images.ParentFolder, 1, 1,
        [
            PagemapImages.Entry(Base, 3, PagemapImages.Present),
            PagemapImages.Entry(Base + 0x3000, 9, PagemapImages.Lazy_ | PagemapImages.Present),
        ]);
        var memory = _images.Read(1);
        Assert.Equal(5, memory.Pages);
        Assert.Equal([(Base, 0L), (Base + 0x1000, 0x1000L)], memory.Runs.Select(run => (run.Address, run.Offset)));
        Assert.NotEqual(memory.Runs[0].File, memory.Runs[1].File);
        Assert.Equal(4, memory.Runs[1].Count);
    }

    [Fact]
    public void An_old_dump_has_no_lazy_pages()
    {
        PagemapImages.WriteOld(_images.Folder, 1, 1, Base, 5);
        Assert.Equal(0, _images.Read(1).Pages);
    }

    [Fact]
    public void A_task_without_a_pagemap_has_no_memory()
    {
        Assert.Equal(0, _images.Read(4).Pages);
    }

    [Fact]
    public void Ranges_that_a_child_does_not_inherit_are_found()
    {
        PagemapImages.Write(_images.Folder, 1, 1, [PagemapImages.Entry(Base, 4, PagemapImages.Lazy_ | PagemapImages.Present)], null,
            new MemoryMapping(Base, Base + 0x2000, 0, 1UL << 18), new MemoryMapping(Base + 0x2000, Base + 0x4000, 0, 0));
        Assert.Equal([(Base, Base + 0x2000)], _images.Read(1).WipedOnFork);
    }

    [Theory]
    [InlineData("beyond the end", 0x1000, 3, 2)]
    [InlineData("not page-aligned", 0x1001, 1, 2)]
    [InlineData("overlaps", 0x0, 1, 2)]
    public void An_invalid_pagemap_is_refused(string why, ulong offset, uint count, int filePages)
    {
        PagemapImages.Write(_images.Folder, 1, 1,
        [
            PagemapImages.Entry(Base, 1, PagemapImages.Lazy_),
            PagemapImages.Entry(Base + offset, count, PagemapImages.Lazy_ | PagemapImages.Present),
        ], filePages);
        Assert.Contains(why, ReadError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_in_no_image_is_refused()
    {
        PagemapImages.Write(_images.Folder, 1, 1, [PagemapImages.Entry(Base, 1, PagemapImages.Lazy_)]);
        Assert.Contains("criu dump --lazy-pages", ReadError(), StringComparison.Ordinal);
        PagemapImages.Write(_images.Folder, 1, 1, [PagemapImages.Entry(Base, 1, PagemapImages.Lazy_ | PagemapImages.Parent)]);
        Assert.Contains("in none of the images", ReadError(), StringComparison.Ordinal);
    }

    private string ReadError() => Assert.Throws<InvalidDataException>(() => _images.Read(1)).Message;
}
