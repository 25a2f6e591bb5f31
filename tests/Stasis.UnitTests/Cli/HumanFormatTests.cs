using Stasis.Cli.Output;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class HumanFormatTests
{
    [Theory]
    [InlineData(0.4, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(61, "About a minute")]
    [InlineData(180, "3 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(3600 * 5, "5 hours")]
    [InlineData(86400 * 3, "3 days")]
    [InlineData(86400 * 20, "2 weeks")]
    [InlineData(86400 * 90, "3 months")]
    [InlineData(86400 * 800, "2 years")]
    public void Duration_is_in_words(double seconds, string expected) =>
        Assert.Equal(expected, HumanFormat.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1234, "1.23 kB")]
    [InlineData(56_700_000, "56.7 MB")]
    [InlineData(1_000_000_000, "1 GB")]
    public void Size_has_three_digits(long bytes, string expected) => Assert.Equal(expected, HumanFormat.Size(bytes));
}
