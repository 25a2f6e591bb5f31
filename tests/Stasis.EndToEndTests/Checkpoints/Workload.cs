using System.Globalization;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>A container that prints 1, 2, 3, … and would print BROKEN if it had lost anything.</summary>
internal static class Workload
{
    /// <summary>Starts it, and waits until it has printed some numbers.</summary>
    public static async Task StartAsync(StasisHost host, string name, params string[] command)
    {
        await host.OkAsync(["run", "-d", "--name", name, "workload", .. command]);
        await CountsAsync(host, name, 3);
    }

    /// <summary>
    /// Waits until it has counted beyond a number. Its log must have every number from 1 on, each once: what it printed before it was
    /// frozen, and goes on after it.
    /// </summary>
    public static async Task<int> CountsAsync(StasisHost host, string name, int beyond)
    {
        // Looked at in its file, which is one start of a process fewer each time.
        var file = await host.InspectAsync(name, "{{.HostConfig.LogConfig.Path}}");
        await Eventually.TrueAsync(
            () => File.Exists(file) && File.ReadAllText(file) is var text
                && (text.Count(c => c == '\n') > beyond || text.Contains("BROKEN", StringComparison.Ordinal)),
            $"{name} beyond {beyond}");
        var log = await LogAsync(host, name);
        Assert.Equal(Enumerable.Range(1, log.Count).Select(number => number.ToString(CultureInfo.InvariantCulture)), log);
        return log.Count;
    }

    private static async Task<List<string>> LogAsync(StasisHost host, string name)
    {
        var lines = (await host.OkAsync("logs", name)).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return [.. lines];
    }
}
