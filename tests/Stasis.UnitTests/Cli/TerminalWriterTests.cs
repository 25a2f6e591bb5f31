using Stasis.Cli.Output;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class TerminalWriterTests
{
    [Fact]
    public void Text_is_escaped_but_for_line_ends_and_tabs()
    {
        var target = new StringWriter();
        using var writer = new TerminalWriter(target);

        writer.Write("a\e[2J\tb");
        writer.Write('\u202e');
        writer.Write("c\rd".AsSpan());
        writer.Write(['\a', 'x'], 0, 1);
        writer.WriteLine("\u009b");

        Assert.Equal(@"a\u001b[2J" + "\t" + @"b\u202ec\u000dd\u0007\u009b" + "\n", target.ToString());
    }
}
