using Stasis.Engine.LazyPages.Server;
using Xunit;

namespace Stasis.UnitTests.LazyPages.Server;

public sealed class FaultHistoryTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    private string File_ => Path.Combine(_folder.Path, "page-order");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Windows_keep_the_order_of_their_first_touch_across_servers()
    {
        FaultHistory.CreateFile(File_);
        using var order = new FaultHistory(File_);
        foreach (var page in (int[])[100, 5, 101, 4000, 3])
            order.Add(1, page);
        order.Add(2, 7);
        Assert.Equal([6, 0, 250], order.WindowsOf(1));
        order.Save();

        using var later = new FaultHistory(File_);
        Assert.Equal([6, 0, 250], later.WindowsOf(1));
        Assert.Equal([0], later.WindowsOf(2));
        later.Add(1, 1);
        later.Add(1, 999);
        Assert.Equal([6, 0, 250, 62], later.WindowsOf(1));
    }

    [Fact]
    public void Damaged_lines_are_skipped()
    {
        File.WriteAllLines(File_, ["1 5", "nonsense", "1 -3", "1 6 7", "1 8"]);
        using var order = new FaultHistory(File_);
        Assert.Equal([5, 8], order.WindowsOf(1));
    }
}
