using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests;

/// <summary>--log-level and --log-format.</summary>
public sealed class LogTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Nothing_is_logged_unless_asked_for()
    {
        await _host.OkAsync("run", "-d", "--name", "one", "busybox", "sleep", "1000");
        Assert.Equal("", (await _host.RunAsync("pause", "one")).Error);
    }

    [Fact]
    public async Task Debug_shows_commands_and_states_of_a_checkpoint_and_CRIUs_log()
    {
        await _host.OkAsync("run", "-d", "--name", "one", "busybox", "sleep", "1000");

        var lines = Lines((await _host.RunAsync("--log-level", "debug", "checkpoint", "--export", _host.PathOf("one.tar"), "one")).Error);

        Assert.All(lines, line => Assert.StartsWith("time=\"", line, StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("event=101 msg=\"runc ended with exit code 0 after ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("is exited, was running", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("category=Stasis.Criu", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_is_an_object_a_line_with_the_values_of_the_message()
    {
        await _host.OkAsync("run", "-d", "--name", "one", "busybox", "sleep", "1000");

        var line = Assert.Single(Lines((await _host.RunAsync("--log-level", "info", "--log-format", "json", "pause", "one")).Error));

        using var json = JsonDocument.Parse(line);
        Assert.Equal(("info", "paused", "one"), (Text("level"), Text("status"), Text("name")));

        string? Text(string key) => json.RootElement.GetProperty(key).GetString();
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
