namespace Stasis.Bench;

/// <summary>
/// A container with 1 GiB that Docker restores from the store of its host, to its first output: beside Podman's own restore of the same
/// checkpoint, and beside Docker's start of the image, whose program fills its memory anew.
/// </summary>
internal sealed class UnderDocker : Scenario
{
    public const string BesidePodman = "1 GiB, Docker: restored from the store, to first output";
    private const string BesideStart = "1 GiB, Docker: the same, beside a start that fills the memory anew";
    private const string Tag = "bench";

    public override string Name => "docker";

    public override async Task<IReadOnlyList<Samples>> MeasureAsync(Options options, Tool stasis, Tool podman)
    {
        var archive = Path.Combine(options.Work, "docker.zst");
        await MemoryImage.ImportAsync(options, podman);
        await using var daemon = await EngineDaemons.StartAsync(options);
        await MemoryContainer.LoadImageAsync(options, podman, daemon.Docker);
        await MemoryContainer.CheckpointAsync(podman, archive);
        await daemon.ImportAsync(archive, Tag);
        var (besidePodman, besideStart) = (new Samples(BesidePodman), new Samples(BesideStart, peer: "docker"));
        for (var turn = 0; turn <= options.Runs; turn++)
        {
            await Memory.TouchAsync();
            besidePodman.Add("podman", await MemoryContainer.TimeAsync(
                podman, ["container", "restore", "--import", archive, "--name", MemoryContainer.Name]));
            await Memory.TouchAsync();
            var restored = await MemoryContainer.TimeAsync(
                daemon.Docker, [
                    "run", "-d", "--name", MemoryContainer.Name, "--network", "none", "--runtime", "stasis",
                    "--annotation", "dev.stasis.checkpoint=" + Tag, MemoryImage.Name, "memory", "1024"]);
            besidePodman.Add("stasis", restored);
            besideStart.Add("stasis", restored);
            await Memory.TouchAsync();
            besideStart.Add("docker", await MemoryContainer.TimeAsync(
                daemon.Docker, ["run", "-d", "--name", MemoryContainer.Name, "--network", "none", MemoryImage.Name, "memory", "1024"]));
        }
        await MemoryImage.RemoveAsync(podman);
        File.Delete(archive);
        besidePodman.DropWarmUp();
        besideStart.DropWarmUp();
        return [besidePodman, besideStart];
    }

    protected override Task PrepareAsync(Options options, Tool tool) => Task.CompletedTask;

    protected override Task RunAsync(Options options, Tool tool, Action<string, Command> record) => Task.CompletedTask;
}
