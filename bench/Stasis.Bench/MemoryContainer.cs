namespace Stasis.Bench;

/// <summary>A container that fills 1 GiB, and prints a line when it has, and after each restore.</summary>
internal static class MemoryContainer
{
    public const string Name = "bench-docker";

    /// <summary>Gives Podman's image of it to Docker.</summary>
    public static async Task LoadImageAsync(Options options, Tool podman, Tool docker)
    {
        var saved = Path.Combine(options.Work, "memory-image.tar");
        await podman.RunAsync("save", "-o", saved, MemoryImage.Name);
        await docker.RunAsync("load", "-i", saved);
        File.Delete(saved);
    }

    /// <summary>Has Podman make an archive of it.</summary>
    public static async Task CheckpointAsync(Tool podman, string archive)
    {
        var begun = DateTimeOffset.UtcNow;
        await podman.RunAsync("run", "-d", "--network", "none", "--name", Name, MemoryImage.Name, "memory", "1024");
        await Output.FirstOfAllAsync(podman, begun, Name);
        await podman.RunAsync("container", "checkpoint", "--export", archive, Name);
        await podman.RemoveAsync(Name);
    }

    /// <summary>Runs commands, the last of which starts or restores it; measures until its first output.</summary>
    public static async Task<double> TimeAsync(Tool tool, params string[][] commands)
    {
        var begun = DateTimeOffset.UtcNow;
        foreach (var command in commands)
            await tool.RunAsync(command);
        var first = await Output.FirstOfAllAsync(tool, begun, Name);
        await tool.RemoveAsync(Name);
        return (first - begun).TotalMilliseconds - (commands.Length * tool.Overhead);
    }
}
