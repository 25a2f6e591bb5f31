using Stasis.Engine.Criu;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class CriuLogTests
{
    [Fact]
    public void A_log_is_quoted_by_its_last_ten_error_lines_and_its_path()
    {
        using var directory = new TempDirectory();
        var log = Enumerable.Range(1, 12)
            .Select(i => $"(00.0{i:00}) Error (criu/x.c:{i}): wrong {i}\n(00.1) Warn  (criu/y.c:1): no Error\n");
        var path = directory.File("dump.log", string.Concat(log));

        var lines = CriuLog.ErrorLines(path);

        Assert.Equal(10, lines.Count);
        Assert.Equal("Error (criu/x.c:12): wrong 12", lines[^1]);
        Assert.EndsWith($"(CRIU's log: {path})", CriuLog.Quote(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_without_errors_or_a_missing_log_has_no_quote()
    {
        using var directory = new TempDirectory();

        Assert.Equal("", CriuLog.Quote("/no/such/dump.log"));
        Assert.Equal("", CriuLog.Quote(directory.File("dump.log", "(00.1) fine\n")));
    }

    [Theory]
    [InlineData("(00.1) Dumping finished successfully\n", true)]
    [InlineData("(00.1) Error (criu/cr-dump.c:1975): Dumping FAILED.\n", true)]
    [InlineData("(00.1) Dumping processes (pid: 1 comm: x)\n", false)]
    public void Log_shows_whether_the_dump_came_to_its_end(string log, bool ended)
    {
        using var directory = new TempDirectory();
        Assert.Equal(ended, CriuLog.HasEnded(directory.File("dump.log", log)));
    }
}
