using Stasis.Cli.Output.Tables;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class TableTests
{
    [Fact]
    public void Columns_are_as_wide_as_their_widest_cell_and_at_least_twelve()
    {
        var table = new Table();
        table.Add("ID", "NAME", "STATE");
        table.Add("0123456789abcdef", "é", "");
        table.Add("x", "a", "running since ever");
        using var text = new StringWriter { NewLine = "\n" };
        table.Write(text);
        Assert.Equal(
            """
            ID                NAME        STATE
            0123456789abcdef  é
            x                 a           running since ever

            """, text.ToString());
    }
}
