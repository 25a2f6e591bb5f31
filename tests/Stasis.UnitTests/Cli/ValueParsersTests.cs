using Stasis.Cli.Parsing;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class ValueParsersTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("65536000", 65536000)]
    [InlineData("64k", 64 << 10)]
    [InlineData("64m", 64 << 20)]
    [InlineData("64MB", 64 << 20)]
    [InlineData("64MiB", 64 << 20)]
    [InlineData("1g", 1 << 30)]
    [InlineData("1.5g", 3L << 29)]
    [InlineData("2T", 2L << 40)]
    public void Sizes_are_in_powers_of_1024(string text, long expected) => Assert.Equal(expected, ValueParsers.Size(text));

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("64q")]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("64 mm")]
    [InlineData("99999999999999t")]
    public void Wrong_size_is_refused(string text) => Assert.Throws<FormatException>(() => ValueParsers.Size(text));

    [Theory]
    [InlineData("10m", 600)]
    [InlineData("1h30m", 5400)]
    [InlineData("1.5h", 5400)]
    [InlineData("90s", 90)]
    [InlineData("500ms", 0.5)]
    public void Duration_is_a_time_before_now(string text, double seconds)
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-seconds);
        var moment = ValueParsers.Moment(text)!.Value;
        Assert.InRange(moment, before, DateTimeOffset.UtcNow.AddSeconds(-seconds));
    }

    [Theory]
    [InlineData("2026-01-31T10:20:30Z", "2026-01-31T10:20:30.0000000+00:00")]
    [InlineData("2026-01-31T10:20:30.123456789+02:00", "2026-01-31T10:20:30.1234568+02:00")]
    [InlineData("1136073600", "2006-01-01T00:00:00.0000000+00:00")]
    [InlineData("1136073600.5", "2006-01-01T00:00:00.5000000+00:00")]
    public void Time_may_be_absolute(string text, string expected) =>
        Assert.Equal(expected, ValueParsers.Moment(text)!.Value.ToString("o"));

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("10x")]
    [InlineData("m10")]
    [InlineData("2026-13-01T00:00:00Z")]
    public void Wrong_time_is_refused(string text) => Assert.Throws<FormatException>(() => ValueParsers.Moment(text));

    [Fact]
    public void Variable_without_a_value_has_the_callers()
    {
        Assert.Equal(
            new Dictionary<string, string> { ["A"] = "1=2", ["PATH"] = Environment.GetEnvironmentVariable("PATH")!, ["E"] = "" },
            ValueParsers.Variables(["A=0", "A=1=2", "PATH", "STASIS_NOT_THERE", "E="]));
        Assert.Throws<UsageException>(() => ValueParsers.Variables(["=x"]));
    }

    [Fact]
    public void Negative_seconds_are_infinite()
    {
        Assert.Equal(TimeSpan.FromSeconds(5), ValueParsers.Seconds("5"));
        Assert.Equal(Timeout.InfiniteTimeSpan, ValueParsers.Seconds("-1"));
        Assert.Throws<FormatException>(() => ValueParsers.Seconds("99999999999"));
    }
}
