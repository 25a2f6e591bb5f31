using Stasis.Engine.Criu;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class StatisticsTests : IDisposable
{
    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "Criu", "Golden");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stasis-stats-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Reads_what_CRIU_4_2_wrote()
    {
        var statistics = DumpStatistics.Read(Golden);

        Assert.NotNull(statistics);
        Assert.Equal(8206u, statistics.FreezingTime);
        Assert.Equal(261147u, statistics.FrozenTime);
        Assert.Equal(2361u, statistics.MemdumpTime);
        Assert.Equal(186u, statistics.MemwriteTime);
        Assert.Equal(49ul, statistics.PagesScanned);
        Assert.Equal(35ul, statistics.PagesWritten);
    }

    [Fact]
    public void There_are_none_where_CRIU_left_none() => Assert.Null(DumpStatistics.Read(_folder.FullName));

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(46)]
    public void Truncated_statistics_are_an_error_that_names_the_file(int length)
    {
        var path = Path.Combine(_folder.FullName, "stats-dump");
        using (var file = File.Create(path))
            file.Write(File.ReadAllBytes(Path.Combine(Golden, "stats-dump")).AsSpan(0, length));

        var error = Assert.Throws<InvalidDataException>(() => DumpStatistics.Read(_folder.FullName));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }
}
