using Stasis.Engine.LazyPages.Memory;
using Xunit;

namespace Stasis.UnitTests.LazyPages.Memory;

public class PageSetTests
{
    [Fact]
    public void Add_returns_how_many_are_new()
    {
        var set = new PageSet(300);
        Assert.Equal(3, set.Add(62, 3));
        Assert.Equal(0, set.Add(62, 3));
        Assert.Equal(197, set.Add(0, 200));
        Assert.Equal(200, set.Count(0, 300));
        Assert.Equal(1, set.Count(199, 2));
        Assert.True(set.Contains(199));
        Assert.False(set.Contains(200));
    }

    [Theory]
    [InlineData(0, 300, false, 60)]
    [InlineData(60, 300, true, 70)]
    [InlineData(60, 100, true, 40)]
    [InlineData(130, 300, false, 170)]
    [InlineData(130, 130, false, 0)]
    [InlineData(64, 300, false, 0)]
    public void Runs_end_where_membership_changes(int page, int end, bool isIn, int expected)
    {
        var set = new PageSet(300);
        set.Add(60, 70);
        Assert.Equal(expected, set.RunLength(page, end, isIn));
    }

    [Fact]
    public void A_copy_is_independent()
    {
        var set = new PageSet(10);
        set.Add(1, 2);
        var copy = set.Copy();
        copy.Add(5, 1);
        Assert.Equal((2, 3), (set.Count(0, 10), copy.Count(0, 10)));
    }

    [Fact]
    public async Task Threads_count_each_page_once()
    {
        var set = new PageSet(64 * 1000);
        var added = await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            var random = new Random(thread);
            var sum = 0;
            for (var i = 0; i < 20000; i++)
            {
                var page = random.Next(63990);
                sum += set.Add(page, random.Next(10) + 1);
            }
            return sum;
        })));
        Assert.Equal(set.Count(0, 64 * 1000), added.Sum());
    }
}
