namespace Stasis.Bench;

/// <summary>
/// As <see cref="UnderDocker"/>, of a container in a pod, by the interface that Kubernetes uses. The pod is made anew each time, with its
/// network, and counts.
/// </summary>
internal sealed class UnderCri : Scenario
{
    public const string BesidePodman = "1 GiB, CRI: a pod restored from the store, to first output";
    private const string BesideStart = "1 GiB, CRI: the same, beside a start that fills the memory anew";
    private const string Tag = "bench";

    public override string Name => "cri";

    public override async Task<IReadOnlyList<Samples>> MeasureAsync(Options options, Tool stasis, Tool podman)
    {
        var archive = Path.Combine(options.Work, "cri.zst");
        await MemoryImage.ImportAsync(options, podman);
        await using var daemons = await EngineDaemons.StartAsync(options);
        await daemons.LoadForPodsAsync(podman, MemoryImage.Name);
        await MemoryContainer.CheckpointAsync(podman, archive);
        await daemons.ImportAsync(archive, Tag);
        var (besidePodman, besideStart) = (new Samples(BesidePodman), new Samples(BesideStart, peer: "containerd"));
        for (var turn = 0; turn <= options.Runs; turn++)
        {
            await Memory.TouchAsync();
            besidePodman.Add("podman", await MemoryContainer.TimeAsync(
                podman, ["container", "restore", "--import", archive, "--name", MemoryContainer.Name]));
            await Memory.TouchAsync();
            var restored = await TimeAsync(options, daemons, Tag);
            besidePodman.Add("stasis", restored);
            besideStart.Add("stasis", restored);
            await Memory.TouchAsync();
            besideStart.Add("containerd", await TimeAsync(options, daemons, checkpoint: null));
        }
        await MemoryImage.RemoveAsync(podman);
        File.Delete(archive);
        besidePodman.DropWarmUp();
        besideStart.DropWarmUp();
        return [besidePodman, besideStart];
    }

    protected override Task PrepareAsync(Options options, Tool tool) => Task.CompletedTask;

    protected override Task RunAsync(Options options, Tool tool, Action<string, Command> record) => Task.CompletedTask;

    /// <summary>Makes a pod, and measures until its container's first output.</summary>
    public static async Task<double> TimeAsync(Options options, EngineDaemons daemons, string? checkpoint)
    {
        var begun = DateTimeOffset.UtcNow;
        await using var pod = await CriPod.RunAsync(
            daemons.Containerd, Path.Combine(options.Work, "pod-logs"), MemoryImage.Name, ["memory", "1024"], checkpoint);
        return (await pod.FirstOutputAsync() - begun).TotalMilliseconds;
    }
}
