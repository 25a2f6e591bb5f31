using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests;

/// <summary>What the command writes to a terminal, and what it does when its output can't be written.</summary>
public sealed class OutputTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("version", "stasis version")]
    [InlineData("--help", "Usage: stasis")]
    [InlineData("ps", "CONTAINER ID")]
    [InlineData("inspect nope", "Error: ")]
    [InlineData("nope", "Error: ")]
    public async Task A_terminal_gets_the_words_and_nothing_else(string arguments, string expected)
    {
        var screen = await OnTerminalAsync([], arguments);
        Assert.Contains(expected, screen, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', screen);
    }

    [Fact]
    public async Task Progress_is_shown_without_setting_up_the_terminal()
    {
        await _host.ImportBusyboxAsync();
        await _host.StartCounterAsync("c");
        var wait = _host.PathOf("wait");
        await File.WriteAllTextAsync(wait, "", TestContext.Current.CancellationToken);
        var showing = _host.ShellAsync($"TERM=xterm STASIS_FAULT=checkpoint.frozen=wait:{wait} script -qefc '{_host.Line} container checkpoint c' screen");
        await Eventually.TrueAsync(() => File.Exists(_host.PathOf("screen")) && File.ReadAllText(_host.PathOf("screen")).Contains("freezing", StringComparison.Ordinal), "progress on the screen");
        File.Delete(wait);
        Assert.Equal(0, (await showing).ExitCode);
        var screen = await File.ReadAllTextAsync(_host.PathOf("screen"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("\e[?1h", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("\e=", screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("version")]
    [InlineData("ps --help")]
    public async Task Output_that_can_not_be_written_is_an_error_but_for_a_reader_that_has_had_enough(string arguments)
    {
        var full = await _host.ShellAsync($"{_host.Line} {arguments} >/dev/full");
        Assert.Equal((125, "Error: write standard output: No space left on device\n"), (full.ExitCode, full.Error));
        var closed = await _host.ShellAsync($"set -o pipefail; mkfifo gone; {{ read _ <gone; {_host.Line} {arguments}; }} | {{ exec <&-; echo >gone; }}");
        Assert.Equal((141, ""), (closed.ExitCode, closed.Error)); // as if ended by SIGPIPE
    }

    private async Task<string> OnTerminalAsync(IReadOnlyList<string> environment, string arguments) =>
        (await _host.ShellAsync($"TERM=xterm {string.Join(' ', environment)} script -qec '{_host.Line} {arguments}' /dev/null")).Output;
}
