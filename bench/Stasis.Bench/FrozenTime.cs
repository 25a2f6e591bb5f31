namespace Stasis.Bench;

/// <summary>
/// For how long a container with 1 GiB stands still during <c>checkpoint -R -e</c>, beside a plain <c>runc checkpoint --leave-running</c>
/// of the same one.
/// </summary>
internal sealed class FrozenTime : Scenario
{
    public const string What = "1 GiB: time frozen, beside plain `runc checkpoint`";
    private const string Container = "bench-frozen";

    public override string Name => "frozen";

    public override async Task<IReadOnlyList<Samples>> MeasureAsync(Options options, Tool stasis, Tool podman)
    {
        await MemoryImage.ImportAsync(options, stasis);
        var begun = DateTimeOffset.UtcNow;
        await stasis.RunAsync("run", "-d", "--network", "none", "--name", Container, MemoryImage.Name, "memory", "1024");
        await Output.FirstOfAllAsync(stasis, begun, Container);
        var id = (await stasis.RunAsync("inspect", "--format", "{{.Id}}", Container)).Output.Trim();

        var samples = new Samples(What, peer: "runc");
        for (var turn = 0; turn <= options.Runs; turn++)
        {
            var archive = Path.Combine(options.Work, "frozen.zst");
            samples.Add(
                "stasis",
                await GapAsync(stasis, () => stasis.RunAsync("container", "checkpoint", "-R", "--export", archive, Container)));
            samples.Add("runc", await GapAsync(stasis, () => RuncAsync(options, id)));
        }
        samples.DropWarmUp();
        await stasis.RemoveAsync(Container);
        await MemoryImage.RemoveAsync(stasis);
        return [samples];
    }

    protected override Task PrepareAsync(Options options, Tool tool) => Task.CompletedTask;

    protected override Task RunAsync(Options options, Tool tool, Action<string, Command> record) => Task.CompletedTask;

    private static async Task RuncAsync(Options options, string id)
    {
        var images = Path.Combine(options.Work, "runc-images");
        // The CRIU that Stasis has it use.
        var path = $"PATH=/usr/local/lib/stasis/bin:{Environment.GetEnvironmentVariable("PATH")}";
        var root = Path.Combine(options.RunRoot, "runtime", "runc");
        await Command.RunAsync(
            ["env", path, "runc", "--root", root, "checkpoint", "--leave-running", "--image-path", images, "--work-path", images, id]);
        Directory.Delete(images, recursive: true);
    }

    private static async Task<double> GapAsync(Tool stasis, Func<Task> checkpoint)
    {
        await Memory.TouchAsync();
        var begun = DateTimeOffset.UtcNow;
        await checkpoint();
        await Task.Delay(200);
        return (await Output.OfAsync(stasis, Container)).LongestGap(begun).TotalMilliseconds;
    }
}
