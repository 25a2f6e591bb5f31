using System.Globalization;

namespace Stasis.Bench;

/// <summary>
/// A container with 1 GiB of memory, half of it compressible: frozen with and without compression, and brought back in every way.
/// </summary>
internal sealed class BigContainer : Scenario
{
    public const string CheckpointZstd = "1 GiB: `checkpoint -R -e`, zstd";
    public const string CheckpointPlain = "1 GiB: `checkpoint -e`, not compressed";
    public const string FirstCopy = "1 GiB, Podman's archive: first copy, to first output";
    public const string SecondCopy = "1 GiB, Podman's archive: second copy, to first output";
    public const string OwnArchive = "1 GiB, Stasis's archive: first copy, to first output";
    public const string CopiedArchive = "1 GiB, the same archive copied to another file: first copy, to first output";
    public const string Loaded = "1 GiB, Stasis's archive: all memory loaded";
    private const int MiB = 1024;
    private const string Image = MemoryImage.Name;

    public override string Name => "big";

    protected override Task PrepareAsync(Options options, Tool tool) => MemoryImage.ImportAsync(options, tool);

    protected override Task CleanUpAsync(Options options, Tool tool) => MemoryImage.RemoveAsync(tool);

    protected override async Task RunAsync(Options options, Tool tool, Action<string, Command> record)
    {
        var (container, copy) = ($"bench-{tool.Name}", $"bench-{tool.Name}-copy");
        var begun = DateTimeOffset.UtcNow;
        await tool.RunAsync(
            "run",
            "-d",
            "--network",
            "none",
            "--name",
            container,
            Image,
            "memory",
            MiB.ToString(CultureInfo.InvariantCulture));
        await Output.FirstOfAllAsync(tool, begun, container);

        var zstd = Archive(options, tool, "zst");
        await Memory.TouchAsync();
        begun = DateTimeOffset.UtcNow;
        record(CheckpointZstd, await tool.RunAsync("container", "checkpoint", "-R", "--export", zstd, container));
        await Task.Delay(200);
        record(
            "1 GiB: the same, time frozen",
            new Command((await Output.OfAsync(tool, container)).LongestGap(begun).TotalMilliseconds, ""));
        var plain = Archive(options, tool, "tar");
        await Memory.TouchAsync();
        record(CheckpointPlain, await tool.RunAsync("container", "checkpoint", "--compress", "none", "--export", plain, container));
        File.Delete(plain);
        await tool.RemoveAsync(container);

        await RestoreAsync(options, tool, copy, record);
    }

    // Podman's archive is made first, in its turn; Stasis, whose turn comes after, restores that one and its own.
    private static async Task RestoreAsync(Options options, Tool tool, string copy, Action<string, Command> record)
    {
        if (tool.Name == "podman")
        {
            var (output, command) = await FirstOutputAsync(tool, Archive(options, tool, "zst"), copy);
            foreach (var what in (string[])[FirstCopy, SecondCopy, OwnArchive, CopiedArchive])
                record(what, output);
            record(Loaded, command);
            await tool.RemoveAsync(copy);
            return;
        }
        foreach (
            var (archive, first, second) in new[]
            {
                (Path.Combine(options.Work, "podman.zst"), FirstCopy, SecondCopy),
                (Archive(options, tool, "zst"), OwnArchive, null as string),
            })
        {
            await tool.ForgetCheckpointsAsync();
            var begun = DateTimeOffset.UtcNow;
            record(first, (await FirstOutputAsync(tool, archive, copy)).Output);
            if (second is null)
                record(Loaded, await LoadedAsync(tool, copy, begun));
            await tool.RemoveAsync(copy);
            if (second is null)
            {
                await CopiedAsync(options, tool, archive, copy, record);
                continue;
            }
            record(second, (await FirstOutputAsync(tool, archive, copy)).Output);
            await tool.RemoveAsync(copy);
        }
    }

    // The file tells nothing then: it is known by its hash alone.
    private static async Task CopiedAsync(Options options, Tool tool, string archive, string copy, Action<string, Command> record)
    {
        await tool.ForgetCheckpointsAsync();
        var copied = Archive(options, tool, "copied.zst");
        File.Copy(archive, copied);
        record(CopiedArchive, (await FirstOutputAsync(tool, copied, copy)).Output);
        await tool.RemoveAsync(copy);
        File.Delete(copied);
    }

    private static async Task<(Command Output, Command Whole)> FirstOutputAsync(Tool tool, string archive, string copy)
    {
        var begun = DateTimeOffset.UtcNow;
        var command = await tool.RunAsync("container", "restore", "--import", archive, "--name", copy);
        var first = await Output.FirstOfAllAsync(tool, begun, copy);
        return (new Command((first - begun).TotalMilliseconds - tool.Overhead, ""), command);
    }

    // All of it: what the container had when it was frozen, and a little that the program itself is.
    private static async Task<Command> LoadedAsync(Tool tool, string copy, DateTimeOffset begun)
    {
        var pid = (await tool.RunAsync("inspect", "--format", "{{.State.Pid}}", copy)).Output.Trim();
        while (Resident(pid) < MiB * 1024)
            await Task.Delay(2);
        return new Command((DateTimeOffset.UtcNow - begun).TotalMilliseconds, "");
    }

    private static int Resident(string pid) =>
        File.ReadLines($"/proc/{pid}/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(line => int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture)).Single();

    private static string Archive(Options options, Tool tool, string suffix) => Path.Combine(options.Work, $"{tool.Name}.{suffix}");
}
