using Stasis.Cli;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class FailureReportTests
{
    [Theory]
    [InlineData("plain\n\ttext, ümläut 漢", "plain\n\ttext, ümläut 漢")]
    [InlineData("\e[2J\e]0;title\a", "?[2J?]0;title?")]
    [InlineData("a\rb\bc\0d\u007fe", "a?b?c?d?e")]
    [InlineData("\u009b31m", "?31m")] // CSI in one character
    public void Printable_message_has_no_control_characters(string message, string shown) =>
        Assert.Equal(shown, FailureReport.Printable(message));

    [Fact]
    public void Bug_is_told_from_a_failure()
    {
        Assert.True(FailureReport.IsBug(new KeyNotFoundException()));
        Assert.True(FailureReport.IsBug(new StasisException("restoring it", new KeyNotFoundException())));
        Assert.True(FailureReport.IsBug(new InvalidOperationException()));
        Assert.False(FailureReport.IsBug(new StasisException("checkpointing it", new InvalidDataException())));
        Assert.False(FailureReport.IsBug(new TimeoutException()));
    }
}
