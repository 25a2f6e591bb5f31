using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Linux.Processes;

public class TerminalTextTests
{
    [Fact]
    public void Letters_of_all_scripts_are_printable() =>
        Assert.All("aZ09 ~äж漢اש€\u00a0", c => Assert.True(TerminalText.IsPrintable(c)));

    [Fact]
    public void Controls_line_separators_and_marks_of_direction_are_not() => Assert.All(
        "\0\a\b\t\n\r\e\u007f\u0080\u0085\u009b\u009f\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e"
            + "\u2066\u2067\u2068\u2069",
        c => Assert.False(TerminalText.IsPrintable(c)));

    [Fact]
    public void Printable_text_stays_and_the_rest_is_escaped()
    {
        Assert.Equal(@"a\u001b[31m" + "\n", TerminalText.Escape("a\e[31m\n", "\n"));
        Assert.Same("plain", TerminalText.Escape("plain"));
    }
}
