using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>Options and output of <c>container checkpoint</c> and <c>container restore</c>, as Podman has them.</summary>
public sealed class OptionsTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    private string Archive => _host.PathOf("archive.tar");

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Several_at_once_in_the_order_they_are_named_in()
    {
        await _host.StartCounterAsync("one");
        await _host.StartCounterAsync("two");
        var two = await _host.InspectAsync("two", "{{.Id}}");
        Assert.Equal($"{two[..12]}\none", await _host.OkAsync("container", "checkpoint", two[..12], "/one"));
        var several = await _host.RunAsync("container", "restore", "two", "nothing", "one");
        Assert.Equal((125, "two\none\n"), (several.ExitCode, several.Output));
        Assert.Contains("nothing", several.Error, StringComparison.Ordinal);
        await _host.CountsOnAsync("one");

        Assert.Equal(2, (await _host.OkAsync("container", "checkpoint", "-ka")).Split('\n').Length);
        Assert.Contains(two, await _host.OkAsync("container", "restore", "-a"), StringComparison.Ordinal);
        Assert.Equal(two, await _host.OkAsync("container", "checkpoint", "-lRe", Archive, "--compress=none"));
    }

    [Fact]
    public async Task Statistics_are_what_readers_of_Podmans_read()
    {
        await _host.StartCounterAsync("counter");
        var id = await _host.InspectAsync("counter", "{{.Id}}");
        Check(
            await _host.OkAsync("container", "checkpoint", "--print-stats", "-e", Archive, "counter"),
            "checkpoint",
            "frozen_time",
            "memdump_time",
            "pages_scanned",
            "pages_written");
        await _host.OkAsync("rm", "counter");
        Check(
            await _host.OkAsync("container", "restore", "--print-stats", "-i", Archive),
            "restore",
            "forking_time",
            "restore_time",
            "pages_restored");

        void Check(string json, string verb, params string[] numbers)
        {
            using var document = JsonDocument.Parse(json);
            var container = Assert.Single(document.RootElement.GetProperty("container_statistics").EnumerateArray());
            Assert.Equal(["Id", $"runtime_{verb}_duration", .. verb == "restore" ? ["vetting_duration"] : (string[])[], "criu_statistics"],
                container.EnumerateObject().Select(member => member.Name));
            Assert.Equal(id, container.GetProperty("Id").GetString());
            // Microseconds, all of them: CRIU's work is part of the runtime's, and that of the command's.
            var (command, runtime) = (document.RootElement.GetProperty($"podman_{verb}_duration").GetInt64(),
                container.GetProperty($"runtime_{verb}_duration").GetInt64());
            Assert.InRange(runtime, 1_000, command);
            Assert.All(numbers,
                number => Assert.InRange(container.GetProperty("criu_statistics").GetProperty(number).GetInt64(), 1, runtime));
        }
    }

    [Fact]
    public async Task Impossible_options_are_refused_before_anything_is_made()
    {
        await _host.StartCounterAsync("counter");
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "counter");
        Assert.Contains("has no pods", await _host.FailAsync("container", "restore", "-i", Archive, "-n", "copy", "--pod", "pod"),
            StringComparison.Ordinal);
        var other = await _host.FailAsync("container", "restore", "-i", Archive, "-n", "copy", "--runtime", "crun");
        Assert.Contains("was created with runtime 'runc' and cannot be restored with runtime 'crun'", other, StringComparison.Ordinal);
        Assert.Contains("leave out --runtime", other, StringComparison.Ordinal);
        Assert.Contains("--import", await _host.FailAsync("container", "restore", "-i", Archive, "counter"), StringComparison.Ordinal);
        Assert.Equal("counter", await _host.OkAsync("ps", "-a", "--format", "{{.Names}}"));

        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy", "--runtime", ExecutablePath.Find("runc")!);
        await _host.CountsOnAsync("copy");
    }
}
