using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Linux.Processes;

public sealed class SignalsTests
{
    [Theory]
    [InlineData("SIGTERM", 15)]
    [InlineData("term", 15)]
    [InlineData("15", 15)]
    [InlineData("SIGIOT", 6)]
    [InlineData("winch", 28)]
    [InlineData("RTMIN", 34)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("RTMAX-1", 63)]
    public void Names_and_numbers_are_parsed(string text, int signal) => Assert.Equal(signal, Signals.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("SIG")]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("-9")]
    [InlineData("RTMIN+31")]
    [InlineData("RTMIN-1")]
    [InlineData("TERMINATE")]
    public void Unknown_names_and_numbers_are_refused(string text) => Assert.Null(Signals.Parse(text));

    [Fact]
    public void Every_name_leads_back_to_its_number()
    {
        for (var signal = 1; signal <= 64; signal++)
            Assert.Equal(signal, Signals.Parse(Signals.Name(signal)));
    }
}
