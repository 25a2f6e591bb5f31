namespace Stasis.Bench;

/// <summary>
/// A container with 1 GiB whose checkpoint image is on a registry of the same host, and nowhere else: Docker, and containerd's CRI in a
/// pod, restore it by its digest, to its first output, beside Podman, which pulls the same image and restores it.
/// </summary>
internal sealed class FromRegistry : Scenario
{
    public const string BesidePodman = "1 GiB, Docker: restored from a registry, to first output";
    public const string PodBesidePodman = "1 GiB, CRI: a pod restored from a registry, to first output";

    public override string Name => "registry";

    public override async Task<IReadOnlyList<Samples>> MeasureAsync(Options options, Tool stasis, Tool podman)
    {
        var archive = Path.Combine(options.Work, "registry.zst");
        await MemoryImage.ImportAsync(options, podman);
        await using var daemon = await EngineDaemons.StartAsync(options);
        await using var registry = await LocalRegistry.StartAsync(options);
        await MemoryContainer.LoadImageAsync(options, podman, daemon.Docker);
        await MemoryContainer.CheckpointAsync(podman, archive);
        var image = await registry.PushAsync(archive);
        File.Delete(archive);
        await daemon.AllowAsync(registry.Image);
        await daemon.LoadForPodsAsync(podman, MemoryImage.Name);
        var (samples, pods) = (new Samples(BesidePodman), new Samples(PodBesidePodman));
        for (var turn = 0; turn <= options.Runs; turn++)
        {
            await Memory.TouchAsync();
            var pulled = await MemoryContainer.TimeAsync(
                podman, ["pull", "--quiet", "--tls-verify=false", image], ["container", "restore", image, "--name", MemoryContainer.Name]);
            samples.Add("podman", pulled);
            pods.Add("podman", pulled);
            await podman.RunAsync("rmi", image);
            await Memory.TouchAsync();
            samples.Add("stasis", await MemoryContainer.TimeAsync(
                daemon.Docker, [
                    "run", "-d", "--name", MemoryContainer.Name, "--network", "none", "--runtime", "stasis",
                    "--annotation", "dev.stasis.checkpoint=" + image, MemoryImage.Name, "memory", "1024"]));
            await daemon.ForgetCheckpointsAsync();
            await Memory.TouchAsync();
            pods.Add("stasis", await UnderCri.TimeAsync(options, daemon, image));
            await daemon.ForgetCheckpointsAsync();
        }
        await MemoryImage.RemoveAsync(podman);
        samples.DropWarmUp();
        pods.DropWarmUp();
        return [samples, pods];
    }

    protected override Task PrepareAsync(Options options, Tool tool) => Task.CompletedTask;

    protected override Task RunAsync(Options options, Tool tool, Action<string, Command> record) => Task.CompletedTask;
}
