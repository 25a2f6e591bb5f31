using System.Globalization;

namespace Stasis.Bench;

/// <summary>
/// Copies of a small container on a bridge, 25, 50 and 100 of them, and what memory `stasis` itself takes for that. Nothing to compare
/// with: it must grow no worse than linearly.
/// </summary>
internal sealed class HundredCopies : Scenario
{
    // Each takes minutes.
    private const int MaxRuns = 2;
    private const string Image = "localhost/stasis-bench:busybox";

    public override string Name => "bridge";

    public override async Task<IReadOnlyList<Samples>> MeasureAsync(Options options, Tool stasis, Tool podman)
    {
        var archive = Path.Combine(options.Work, "bridge.tar.zst");
        await stasis.RunAsync("image", "import", options.Rootfs, Image);
        await stasis.RunAsync("run", "-d", "--name", "bench-bridge", Image, "sleep", "1000000");
        await stasis.RunAsync("container", "checkpoint", "--export", archive, "bench-bridge");
        await stasis.RemoveAsync("bench-bridge");

        var samples = new List<Samples>();
        var memory = new Samples("memory of `stasis` meanwhile, KiB", peer: null);
        foreach (var copies in (int[])[25, 50, 100])
        {
            var times = new Samples($"{copies} copies on a bridge, ms a copy", peer: null);
            for (var turn = 0; turn <= Math.Min(options.Runs, MaxRuns); turn++)
            {
                string[] naming = ["--replicas", $"{copies}", "--name-template", "bench-bridge-{n}"];
                var (command, peak) = await Command.RunWatchedAsync(
                    [options.StasisBinary, "container", "restore", "--import", archive, .. naming]);
                times.Add("stasis", command.Milliseconds / copies);
                if (copies == 100)
                    memory.Add("stasis", peak);
                await stasis.RemoveAsync(
                    [.. Enumerable.Range(1, copies).Select(n => string.Create(CultureInfo.InvariantCulture, $"bench-bridge-{n}"))]);
            }
            samples.Add(times);
        }
        samples.Add(memory);
        samples.ForEach(s => s.DropWarmUp());
        await stasis.RunAsync("rmi", Image);
        return samples;
    }

    protected override Task PrepareAsync(Options options, Tool tool) => Task.CompletedTask;

    protected override Task RunAsync(Options options, Tool tool, Action<string, Command> record) => Task.CompletedTask;
}
