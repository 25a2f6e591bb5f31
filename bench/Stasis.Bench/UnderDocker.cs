namespace Stasis.Bench;

/// <summary>
/// A container with 1 GiB that Docker restores from the store of its host, to its first output: beside Podman's own restore of the same
/// checkpoint, and beside Docker's start of the image, whose program fills its memory anew.
/// </summary>
internal sealed class UnderDocker : Scenario
{
    public const string BesidePodman = "1 GiB, Docker: restored from the store, to first output";
    private const string BesideStart = "1 GiB, Docker: the same, beside a start that fills the memory anew";
    private const string Container = "bench-docker", Tag = "bench";

    public override string Name => "docker";

    public override async Task<IReadOnlyList<Samples>> MeasureAsync(Options options, Tool stasis, Tool podman)
    {
        var archive = Path.Combine(options.Work, "docker.zst");
        await MemoryImage.ImportAsync(options, podman);
        await using var daemon = await DockerDaemon.StartAsync(options);
        await LoadImageAsync(options, podman, daemon.Docker);
        await CheckpointAsync(podman, archive);
        await daemon.ImportAsync(archive, Tag);
        var (besidePodman, besideStart) = (new Samples(BesidePodman), new Samples(BesideStart, peer: "docker"));
        for (var turn = 0; turn <= options.Runs; turn++)
        {
            await Memory.TouchAsync();
            besidePodman.Add("podman", await TimeAsync(podman, "container", "restore", "--import", archive, "--name", Container));
            await Memory.TouchAsync();
            var restored = await TimeAsync(
                daemon.Docker, "run", "-d", "--name", Container, "--network", "none", "--runtime", "stasis",
                "--annotation", "dev.stasis.checkpoint=" + Tag, MemoryImage.Name, "memory", "1024");
            besidePodman.Add("stasis", restored);
            besideStart.Add("stasis", restored);
            await Memory.TouchAsync();
            besideStart.Add("docker", await TimeAsync(
                daemon.Docker, "run", "-d", "--name", Container, "--network", "none", MemoryImage.Name, "memory", "1024"));
        }
        await MemoryImage.RemoveAsync(podman);
        File.Delete(archive);
        besidePodman.DropWarmUp();
        besideStart.DropWarmUp();
        return [besidePodman, besideStart];
    }

    protected override Task PrepareAsync(Options options, Tool tool) => Task.CompletedTask;

    protected override Task RunAsync(Options options, Tool tool, Action<string, Command> record) => Task.CompletedTask;

    private static async Task LoadImageAsync(Options options, Tool podman, Tool docker)
    {
        var saved = Path.Combine(options.Work, "memory-image.tar");
        await podman.RunAsync("save", "-o", saved, MemoryImage.Name);
        await docker.RunAsync("load", "-i", saved);
        File.Delete(saved);
    }

    private static async Task CheckpointAsync(Tool podman, string archive)
    {
        var begun = DateTimeOffset.UtcNow;
        await podman.RunAsync("run", "-d", "--network", "none", "--name", Container, MemoryImage.Name, "memory", "1024");
        await Output.FirstOfAllAsync(podman, begun, Container);
        await podman.RunAsync("container", "checkpoint", "--export", archive, Container);
        await podman.RemoveAsync(Container);
    }

    private static async Task<double> TimeAsync(Tool tool, params string[] command)
    {
        var begun = DateTimeOffset.UtcNow;
        await tool.RunAsync(command);
        var first = await Output.FirstOfAllAsync(tool, begun, Container);
        await tool.RemoveAsync(Container);
        return (first - begun).TotalMilliseconds - tool.Overhead;
    }
}
