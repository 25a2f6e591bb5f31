using Stasis.Cli.Output;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class ProgressTextTests
{
    private readonly ManualTime _time = new();
    private readonly ProgressText _line;

    public ProgressTextTests() => _line = new ProgressText(_time);

    [Fact]
    public void Line_is_empty_before_the_first_report() => Assert.Equal("", _line.Format(80));

    [Fact]
    public void Step_without_bytes_is_a_name()
    {
        _line.Report("freezing", 0, null);
        Assert.Equal("freezing", _line.Format(80));
    }

    [Fact]
    public void Step_with_bytes_has_rate_and_time_left()
    {
        _line.Report("writing archive", 0, 1_200_000_000);
        _time.Advance(2);
        _line.Report("writing archive", 120_000_000, 1_200_000_000);
        Assert.Equal("writing archive: 120 MB of 1.2 GB, 60 MB/s, 18 s left", _line.Format(80));
    }

    [Theory]
    [InlineData(1_000_000, "copying: 1 MB, 500 kB/s")]
    [InlineData(0, "copying")]
    public void Step_of_unknown_size_has_a_rate_only(long done, string expected)
    {
        _line.Report("copying", 0, null);
        _time.Advance(2);
        _line.Report("copying", done, null);
        Assert.Equal(expected, _line.Format(80));
    }

    [Theory]
    [InlineData(100, "1 min 40 s left")]
    [InlineData(7200, "2.0 h left")]
    public void Time_left_is_in_readable_units(int seconds, string expected)
    {
        _line.Report("reading", 0, 1000L * (seconds + 1));
        _time.Advance(1);
        _line.Report("reading", 1000, 1000L * (seconds + 1));
        Assert.EndsWith(expected, _line.Format(80), StringComparison.Ordinal);
    }

    [Fact]
    public void Rate_is_left_out_of_the_first_half_second()
    {
        _line.Report("reading", 0, 1000);
        _time.Advance(0.4);
        _line.Report("reading", 500, 1000);
        Assert.Equal("reading: 500 B of 1 kB", _line.Format(80));
    }

    [Fact]
    public void Steps_that_run_at_once_keep_their_rates()
    {
        _line.Report("layer 1", 0, 4000);
        _time.Advance(1);
        _line.Report("layer 2", 0, 4000);
        _time.Advance(1);
        _line.Report("layer 1", 2000, 4000);
        Assert.Equal("layer 1: 2 kB of 4 kB, 1 kB/s, 2 s left", _line.Format(80));
    }

    [Fact]
    public void Line_is_cut_to_the_terminal_and_has_no_control_characters()
    {
        _line.Report("pulling \e[2Jname\nwith more", 0, null);
        Assert.Equal(@"pulling \u001b[2Jnam", _line.Format(20));
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(double seconds) => _ticks += (long)(seconds * TimeSpan.TicksPerSecond);
    }
}
