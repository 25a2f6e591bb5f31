using System.Globalization;

namespace Stasis.Bench;

/// <summary>
/// Sixteen copies of a container with 256 MiB, until all of them print: all at once with Stasis, one after another with Podman, which has
/// no other way.
/// </summary>
internal sealed class ManyCopies : Scenario
{
    public const string What = "16 copies of 256 MiB, until all print";
    private const int Copies = 16;

    public override string Name => "copies";

    protected override async Task PrepareAsync(Options options, Tool tool)
    {
        await MemoryImage.ImportAsync(options, tool);
        var begun = DateTimeOffset.UtcNow;
        await tool.RunAsync("run", "-d", "--network", "none", "--name", "bench-copied", MemoryImage.Name, "memory", "256");
        await Output.FirstOfAllAsync(tool, begun, "bench-copied");
        await tool.RunAsync("container", "checkpoint", "--export", Archive(options, tool), "bench-copied");
        await tool.RemoveAsync("bench-copied");
    }

    protected override async Task CleanUpAsync(Options options, Tool tool)
    {
        await MemoryImage.RemoveAsync(tool);
        File.Delete(Archive(options, tool));
    }

    protected override async Task RunAsync(Options options, Tool tool, Action<string, Command> record)
    {
        string[] names =
            [.. Enumerable.Range(1, Copies).Select(n => string.Create(CultureInfo.InvariantCulture, $"bench-{tool.Name}-{n}"))];
        var begun = DateTimeOffset.UtcNow;
        if (tool.Name == "podman")
        {
            foreach (var name in names)
                await tool.RunAsync("container", "restore", "--import", Archive(options, tool), "--name", name);
        }
        else
        {
            await tool.ForgetCheckpointsAsync();
            begun = DateTimeOffset.UtcNow;
            string[] naming = ["--replicas", $"{Copies}", "--name-template", $"bench-{tool.Name}-{{n}}"];
            await tool.RunAsync(["container", "restore", "--import", Archive(options, tool), .. naming]);
        }
        var all = await Output.FirstOfAllAsync(tool, begun, names);
        var overhead = tool.Overhead * Copies;
        record(What, new Command((all - begun).TotalMilliseconds - overhead, ""));
        await tool.RemoveAsync(names);
    }

    private static string Archive(Options options, Tool tool) => Path.Combine(options.Work, $"copies-{tool.Name}.tar.zst");
}
