using Stasis.Engine.LazyPages.Memory;
using Xunit;

namespace Stasis.UnitTests.LazyPages.Memory;

/// <summary>Compares the index with a table that has every page.</summary>
public sealed class PageAddressIndexTests : IDisposable
{
    private const ulong Base = 0x10000000;

    private readonly PagemapImages _images = new();

    public void Dispose() => _images.Dispose();

    [Fact]
    public void Pages_are_at_first_where_they_were()
    {
        var placement = new PageAddressIndex(_images.Lazy((Base, 4), (Base + 0x4000, 2), (Base + 0x10000, 1)));
        Assert.Equal([new PageAddressRun(Base, 0, 6), new PageAddressRun(Base + 0x10000, 6, 1)], placement.Placed);
        Assert.Equal(5, placement.PageAt(Base + 0x5fff));
        Assert.Null(placement.PageAt(Base + 0x6000));
        Assert.Null(placement.PageAt(Base - 1));
        Assert.Equal(new PageAddressRun(Base + 0x3000, 3, 3), placement.NextFrom(3));
        Assert.Null(placement.NextFrom(7));
    }

    [Fact]
    public void Removed_pages_are_nowhere()
    {
        var placement = new PageAddressIndex(_images.Lazy((Base, 10)));
        Assert.Equal([new PageAddressRun(Base + 0x2000, 2, 3)], placement.Remove(Base + 0x2000, Base + 0x5000));
        Assert.Null(placement.PageAt(Base + 0x2000));
        Assert.Equal(5, placement.PageAt(Base + 0x5000));
        Assert.Equal(new PageAddressRun(Base + 0x5000, 5, 5), placement.NextFrom(2));
        Assert.Empty(placement.Remove(Base + 0x2000, Base + 0x5000));
    }

    [Fact]
    public void Moved_pages_replace_those_at_the_target()
    {
        var placement = new PageAddressIndex(_images.Lazy((Base, 4), (Base + 0x100000, 4)));
        Assert.Equal([new PageAddressRun(Base + 0x100000, 4, 2)], placement.Move(Base + 0x1000, Base + 0x100000, 0x2000));
        Assert.Equal(1, placement.PageAt(Base + 0x100000));
        Assert.Null(placement.PageAt(Base + 0x1000));
        Assert.Equal(new PageAddressRun(Base + 0x100000, 1, 2), placement.NextFrom(1));
        Assert.Equal(new PageAddressRun(Base + 0x102000, 6, 2), placement.NextFrom(4));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_changes_give_the_same_as_a_table(int seed)
    {
        const int pages = 200;
        var random = new Random(seed);
        var placement = new PageAddressIndex(_images.Lazy((Base, 60), (Base + 60 * 4096, 40), (Base + 200 * 4096, 100)));
        var table = Enumerable.Range(0, 60 + 40).ToDictionary(i => Base + (ulong)i * 4096, i => i);
        foreach (var i in Enumerable.Range(0, 100))
            table[Base + (ulong)(200 + i) * 4096] = 100 + i;
        for (var step = 0; step < 300; step++)
        {
            var (from, length) = (Base + (ulong)random.Next(400) * 4096, (ulong)(random.Next(20) + 1) * 4096);
            if (random.Next(3) == 0)
            {
                foreach (var address in table.Keys.Where(address => address >= from && address < from + length).ToList())
                    table.Remove(address);
                placement.Remove(from, from + length);
            }
            else
            {
                var to = from + length * (ulong)(random.Next(5) + 1);
                var moved = table.Where(entry => entry.Key >= from && entry.Key < from + length).ToList();
                foreach (var address in table.Keys.Where(address => IsIn(address, from, length) || IsIn(address, to, length)).ToList())
                    table.Remove(address);
                foreach (var (address, page) in moved)
                    table[address - from + to] = page;
                placement.Move(from, to, (long)length);
            }
            placement = placement.Copy();
        }
        var all = placement.Placed
            .SelectMany(placed => Enumerable.Range(0, placed.Count).Select(i => (placed.Address + (ulong)i * 4096, placed.Page + i)));
        Assert.Equal(table.OrderBy(entry => entry.Key).Select(entry => (entry.Key, entry.Value)), all);
        var byPage = new List<(ulong, int)>();
        for (var page = 0; page < pages && placement.NextFrom(page) is { } piece; page = piece.Page + 1)
            byPage.Add((piece.Address, piece.Page));
        Assert.Equal(table.OrderBy(entry => entry.Value).Select(entry => (entry.Key, entry.Value)), byPage);
    }

    private static bool IsIn(ulong address, ulong start, ulong length) => address >= start && address < start + length;
}
