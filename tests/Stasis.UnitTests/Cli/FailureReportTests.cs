using Stasis.Cli;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class FailureReportTests
{
    [Theory]
    [InlineData("plain\n\ttext, ümläut 漢", "plain\n\ttext, ümläut 漢")]
    [InlineData("\e[2J\e]0;title\a", @"\u001b[2J\u001b]0;title\u0007")]
    [InlineData("a\rb\bc\0d\u007fe", @"a\u000db\u0008c\u0000d\u007fe")]
    [InlineData("\u009b31m", @"\u009b31m")] // CSI in one character
    [InlineData("a\u202etxt.exe\u2066", @"a\u202etxt.exe\u2066")] // writes from right to left
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
