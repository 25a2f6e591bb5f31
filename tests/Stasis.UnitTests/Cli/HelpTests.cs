using Stasis.Cli;
using Stasis.Cli.Output.HelpText;
using Stasis.Cli.Verbs;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class HelpTests
{
    [Theory]
    [InlineData(null, 0, 80)] // no terminal
    [InlineData(null, 132, 132)]
    [InlineData("100", 0, 100)]
    [InlineData("100", 132, 100)]
    [InlineData("", 132, 132)]
    [InlineData("0", 132, 132)]
    [InlineData("wide", 0, 80)]
    [InlineData("-5", 0, 80)]
    [InlineData(null, 10, 40)]
    [InlineData("1", 0, 40)]
    public void Width_is_that_of_COLUMNS_or_else_of_the_terminal(string? variable, int terminal, int expected) =>
        Assert.Equal(expected, HelpWidth.Choose(variable, terminal));

    [Theory]
    [InlineData(64)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(200)]
    public void Help_is_as_wide_as_the_terminal(int width)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        Help.Write(CommandTree.Build().Subcommands.Single(command => command.Name == "restore"), writer, width);
        var lines = writer.ToString().Split('\n').Where(line => !line.StartsWith("  stasis ", StringComparison.Ordinal)).ToList();
        Assert.InRange(lines.Max(line => line.Length), width - 12, width);
    }

    [Theory]
    [InlineData("version", "0 125 130, 143 141")]
    [InlineData("rm", "0 1 2 125 130, 143 141")]
    [InlineData("doctor", "0 1 125 130, 143 141")]
    [InlineData("run", "0 125 126 127 Other")]
    [InlineData("attach", "0 125 Other")]
    [InlineData("container", "0 125")]
    public void Exit_codes_are_those_of_the_command(string name, string codes)
    {
        var command = CommandTree.Build().Subcommands.Single(command => command.Name == name);
        Assert.Equal(codes, string.Join(' ', ExitStatus.FromCommand(command).Select(row => row.Code)));
    }

    [Fact]
    public void Exit_status_tells_what_happens_with_several_things()
    {
        var commands = CommandTree.Build().Subcommands;
        Assert.Contains(
            "Of several containers,",
            ExitStatus.NoteFor(commands.Single(command => command.Name == "stop")),
            StringComparison.Ordinal);
        Assert.Equal("", ExitStatus.NoteFor(commands.Single(command => command.Name == "run")));
    }

    [Fact]
    public void Exit_codes_are_sentences() =>
        Assert.All(
            CommandTree.Build().Subcommands.OfType<Verb>().SelectMany(verb => verb.ExitCodes),
            row => Assert.EndsWith(".", row.Meaning, StringComparison.Ordinal));
}
