using System.Text;
using Stasis.Cli.Output;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class LogTextTests
{
    [Theory]
    [InlineData("\e[1;31mred\e[0m\r\n", "\e[1;31mred\e[0m\r\n")]
    [InlineData("\e]0;title\a", @"\u001b]0;title\u0007")]
    [InlineData("\e]52;c;cm0gLXJm\e\\", @"\u001b]52;c;cm0gLXJm\u001b\")]
    [InlineData("\e[2J\e[H", @"\u001b[2J\u001b[H")]
    [InlineData("\u009b31m", @"\u009b31m")]
    [InlineData("\u202eevil", @"\u202eevil")]
    public void Colours_are_shown_and_everything_else_is_escaped(string log, string shown) =>
        Assert.Equal(shown, Encoding.UTF8.GetString(new LogText().Escape(Encoding.UTF8.GetBytes(log))));

    [Fact]
    public void A_character_in_two_parts_comes_through()
    {
        var text = new LogText();
        byte[] bytes = [.. "ä"u8];

        Assert.Equal("ä", Encoding.UTF8.GetString([.. text.Escape(bytes.AsSpan(0, 1)), .. text.Escape(bytes.AsSpan(1))]));
    }
}
