using Stasis.Cli.Parsing;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class SuggestionTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("run", "run", 0)]
    [InlineData("run", "rnu", 1)]
    [InlineData("run", "runs", 1)]
    [InlineData("container", "containr", 1)]
    [InlineData("start", "stop", 3)]
    [InlineData("", "run", 3)]
    public void Distance_counts_slips_of_the_fingers(string a, string b, int distance)
    {
        Assert.Equal(distance, Suggestion.Distance(a, b));
        Assert.Equal(distance, Suggestion.Distance(b, a));
    }
}
