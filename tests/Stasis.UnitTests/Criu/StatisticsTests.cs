using Stasis.Engine.Criu;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class StatisticsTests : IDisposable
{
    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "Criu", "Golden");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stasis-stats-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_file_of_CRIU_4_2_is_read()
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
    public void Fields_of_a_newer_CRIU_are_skipped()
    {
        // Message 1 with frozen_time (field 2) and an unknown field 99, beside an unknown message 7.
        byte[] record = [0x0a, 5, 0x10, 42, 0x98, 0x06, 1, 0x3a, 2, 0x08, 1];
        byte[] magics = [0x40, 0x59, 0x10, 0x55, 0x06, 0x33, 0x09, 0x57];
        File.WriteAllBytes(Path.Combine(_folder.FullName, "stats-dump"), [.. magics, (byte)record.Length, 0, 0, 0, .. record]);

        Assert.Equal(42u, DumpStatistics.Read(_folder.FullName)?.FrozenTime);
    }

    [Fact]
    public void A_missing_file_has_no_statistics() => Assert.Null(DumpStatistics.Read(_folder.FullName));

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(46)]
    public void A_truncated_file_is_named_in_the_error(int length)
    {
        var path = Path.Combine(_folder.FullName, "stats-dump");
        using (var file = File.Create(path))
            file.Write(File.ReadAllBytes(Path.Combine(Golden, "stats-dump")).AsSpan(0, length));

        var error = Assert.Throws<InvalidDataException>(() => DumpStatistics.Read(_folder.FullName));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }
}
