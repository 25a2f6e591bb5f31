using System.Text.Json;

namespace Stasis.Bench;

/// <summary>
/// What vetting a stranger's archive takes of its restore: looking through what it holds, comparing what it asks for with what is allowed,
/// reading CRIU's images before CRIU. Podman's archives, since those that Stasis wrote here are known. Vetting can't be left out, so it is
/// not one restore beside another: each says itself how long it took (restore --print-stats).
/// </summary>
internal sealed class Vetting : Scenario
{
    public const string Big = "1 GiB, Podman's archive: vetting, beside the whole `restore`";
    private const string Small = "small, Podman's archive: vetting (at most 15 ms), beside the whole `restore`";
    private const string SmallImage = "localhost/stasis-bench:busybox";
    private const string Container = "bench-vetting";

    public override string Name => "vetting";

    public override async Task<IReadOnlyList<Samples>> MeasureAsync(Options options, Tool stasis, Tool podman)
    {
        foreach (var tool in (Tool[])[stasis, podman])
        {
            await MemoryImage.ImportAsync(options, tool);
            await tool.RunAsync(
                tool.Name == "podman" ? ["import", options.Rootfs, SmallImage] : ["image", "import", options.Rootfs, SmallImage]);
        }
        var small = await MeasureAsync(options, stasis, podman, Small, SmallImage, "sh", "-c", "while :; do echo x; sleep 0.1; done");
        var big = await MeasureAsync(options, stasis, podman, Big, MemoryImage.Name, "memory", "1024");
        foreach (var tool in (Tool[])[stasis, podman])
        {
            await MemoryImage.RemoveAsync(tool);
            await tool.RunAsync("rmi", SmallImage);
        }
        return [small, big];
    }

    protected override Task PrepareAsync(Options options, Tool tool) => Task.CompletedTask;

    protected override Task RunAsync(Options options, Tool tool, Action<string, Command> record) => Task.CompletedTask;

    private static async Task<Samples> MeasureAsync(
        Options options,
        Tool stasis,
        Tool podman,
        string what,
        string image,
        params string[] program)
    {
        var archive = Path.Combine(options.Work, "vetting.zst");
        var begun = DateTimeOffset.UtcNow;
        await podman.RunAsync(["run", "-d", "--network", "none", "--name", Container, image, .. program]);
        await Output.FirstOfAllAsync(podman, begun, Container);
        await podman.RunAsync("container", "checkpoint", "--export", archive, Container);
        await podman.RemoveAsync(Container);

        var samples = new Samples(what, peer: "restore");
        for (var turn = 0; turn <= options.Runs; turn++)
        {
            await stasis.ForgetCheckpointsAsync();
            var command = await stasis.RunAsync("container", "restore", "--import", archive, "--name", Container, "--print-stats");
            samples.Add("stasis", Milliseconds(command.Output));
            samples.Add("restore", command.Milliseconds);
            await stasis.RemoveAsync(Container);
        }
        samples.DropWarmUp();
        await stasis.ForgetCheckpointsAsync();
        File.Delete(archive);
        return samples;
    }

    private static double Milliseconds(string statistics)
    {
        using var json = JsonDocument.Parse(statistics);
        return json.RootElement.GetProperty("container_statistics")[0].GetProperty("vetting_duration").GetDouble() / 1000;
    }
}
