using System.Globalization;

namespace Stasis.Bench;

/// <summary>A busybox container that counts: started, checkpointed into an archive, removed, restored under a new name.</summary>
internal sealed class SmallContainer : Scenario
{
    public const string Checkpoint = "`checkpoint --export`";
    public const string Restore = "`restore --import --name`";
    private const string Image = "localhost/stasis-bench:busybox";
    private const string Count = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done";

    public override string Name => "small";

    protected override async Task PrepareAsync(Options options, Tool tool)
    {
        await tool.RemoveAsync(Container(tool), Copy(tool));
        await tool.RunAsync(tool.Name == "podman" ? ["import", options.Rootfs, Image] : ["image", "import", options.Rootfs, Image]);
    }

    protected override Task CleanUpAsync(Options options, Tool tool) => tool.RunAsync("rmi", Image);

    protected override async Task RunAsync(Options options, Tool tool, Action<string, Command> record)
    {
        var (container, copy) = (Container(tool), Copy(tool));
        var archive = Path.Combine(options.Work, $"{tool.Name}.tar.zst");
        record("`run -d`", await tool.RunAsync("run", "-d", "--network", "none", "--name", container, Image, "sh", "-c", Count));
        await Task.Delay(500);
        record(Checkpoint, await tool.RunAsync("container", "checkpoint", "--export", archive, container));
        var counted = await CountedAsync(tool, container);
        await tool.RemoveAsync(container);
        record(Restore, await tool.RunAsync("container", "restore", "--import", archive, "--name", copy));
        await Task.Delay(500);
        var goneOn = await CountedAsync(tool, copy);
        await tool.RemoveAsync(copy);
        File.Delete(archive);
        if (goneOn <= counted)
            throw new InvalidOperationException($"{tool.Name}: the copy counted to {goneOn}, which is not beyond {counted}: not restored");
    }

    private static async Task<int> CountedAsync(Tool tool, string container) =>
        int.Parse((await tool.RunAsync("logs", "--tail", "1", container)).Output.Trim(), CultureInfo.InvariantCulture);

    private static string Container(Tool tool) => $"bench-{tool.Name}";

    private static string Copy(Tool tool) => $"bench-{tool.Name}-copy";
}
