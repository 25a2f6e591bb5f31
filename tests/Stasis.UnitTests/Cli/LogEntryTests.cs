using System.Text.Json;
using Microsoft.Extensions.Logging;
using Stasis.Cli.Logging;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class LogEntryTests
{
    private static readonly LogEntry Line = new(
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero), LogLevel.Debug, "Stasis.Commands", 101, "sh said \"no\"\n\e[2J\u009b",
        [new("Program", "sh"), new("ExitCode", 3), new("Milliseconds", 12L), new("{OriginalFormat}", "…")]);

    [Fact]
    public void Text_is_one_line_without_control_characters() => Assert.Equal(
        "time=\"2026-01-02T03:04:05.006Z\" level=debug category=Stasis.Commands event=101 msg="
        + """ "sh said \"no\"\n\u001b[2J\u009b" """.Trim(),
        LogEntry.WriteText(Line));

    [Fact]
    public void Json_has_the_values_under_their_names()
    {
        var text = LogEntry.WriteJson(Line);
        Assert.DoesNotContain(text, char.IsControl);
        using var json = JsonDocument.Parse(text);
        var root = json.RootElement;
        Assert.Equal(
            ["time", "level", "category", "event", "msg", "program", "exitCode", "milliseconds"],
            root.EnumerateObject().Select(property => property.Name));
        Assert.Equal("debug", root.GetProperty("level").GetString());
        Assert.Equal((101, 3), (root.GetProperty("event").GetInt32(), root.GetProperty("exitCode").GetInt32()));
        Assert.Equal(Line.Message, root.GetProperty("msg").GetString());
    }

    [Theory]
    [InlineData("trace", LogLevel.Trace)]
    [InlineData("warn", LogLevel.Warning)]
    [InlineData("warning", LogLevel.Warning)]
    [InlineData("panic", LogLevel.Critical)]
    public void Levels_are_podmans_words(string word, LogLevel level) => Assert.Equal(level, LogLevels.Parse(word));
}
