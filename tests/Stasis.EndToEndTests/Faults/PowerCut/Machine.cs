using System.Globalization;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Faults.PowerCut;

/// <summary>
/// A machine whose power can be cut: a disk of its own, a file with a file system in it, and at each boot new namespaces of processes and
/// mounts, a new boot ID and an empty run root. What the disk's file system had not written when the power was cut is lost.
/// </summary>
public sealed class Machine : IAsyncDisposable
{
    private const string DiskSize = "400M"; // xfs wants 300

    // Containers' rows have both paths: they are the same in all machines. Each has other things mounted there.
    private static readonly string MountPoint = Path.Combine(Path.GetTempPath(), $"stasis-disk-{Environment.ProcessId}");
    private static readonly string RunRoot = $"/run/stasis-machine-{Environment.ProcessId}";

    private readonly string _folder = Directory.CreateTempSubdirectory("stasis-machine-").FullName;
    private readonly HashSet<string> _ids = [];
    private ChildProcess? _namespaces;
    private int _init;

    private Machine()
    {
        Directory.CreateDirectory(MountPoint);
        Directory.CreateDirectory(RunRoot);
    }

    /// <summary>The root of stasis, on the disk.</summary>
    public string Root => PathOf("stasis");

    /// <summary>A path on the disk.</summary>
    public string PathOf(string name) => Path.Combine(MountPoint, name);

    private string Image => Path.Combine(_folder, "image");

    private string BootId => Path.Combine(_folder, "boot-id");

    private string Cutter => Path.Combine(_folder, "powercut");

    /// <summary>Whether such a file system can be made here.</summary>
    public static bool Has(string fileSystem) => ExecutablePath.Find("mkfs." + fileSystem) is not null
        && File.ReadLines("/proc/filesystems").Any(line => line.EndsWith("\t" + fileSystem, StringComparison.Ordinal));

    /// <summary>A machine with an empty disk, switched off.</summary>
    public static async Task<Machine> CreateAsync(string fileSystem)
    {
        var machine = new Machine();
        await ToolAsync("gcc", "-O1", "-o", machine.Cutter, Path.Combine(AppContext.BaseDirectory, "Programs", "powercut.c"));
        await ToolAsync("truncate", "-s", DiskSize, machine.Image);
        await ToolAsync("mkfs." + fileSystem, "-q", machine.Image);
        return machine;
    }

    /// <summary>A machine, switched off, whose disk has what the disk of another has that is switched off.</summary>
    public static async Task<Machine> CopyAsync(Machine other)
    {
        var machine = new Machine();
        await ToolAsync("cp", "--sparse=always", "--reflink=auto", other.Image, machine.Image);
        await ToolAsync("cp", other.Cutter, machine.Cutter);
        return machine;
    }

    /// <summary>Removes the folders that every machine had something mounted on, when there is none any more.</summary>
    public static void RemoveMountPoints()
    {
        Directory.Delete(MountPoint);
        Directory.Delete(RunRoot);
    }

    /// <summary>Boots it.</summary>
    public async Task BootAsync()
    {
        await File.WriteAllTextAsync(BootId, Guid.NewGuid() + "\n", Token);
        var ready = Path.Combine(_folder, "ready");
        File.Delete(ready);
        // A shell reaps what its descendants leave behind, as a machine's first process does.
        var script = $"""
            set -e
            mount -o loop {Image} {MountPoint}
            mount -t tmpfs -o mode=755 tmpfs {RunRoot}
            mount --bind {BootId} /proc/sys/kernel/random/boot_id
            touch {ready}
            while :; do sleep 1; done
            """;
        _namespaces = Spawn.Start(new SpawnOptions
        {
            Program = "unshare",
            Arguments = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", script],
            NewProcessGroup = true,
        });
        await Eventually.FileAsync(ready);
        _init = int.Parse(
            await File.ReadAllTextAsync($"/proc/{_namespaces.Id}/task/{_namespaces.Id}/children", Token), CultureInfo.InvariantCulture);
    }

    /// <summary>Runs a command of stasis to its end.</summary>
    public Task<ProgramResult> RunAsync(params string[] arguments) => Spawn.RunAsync(Command(arguments), StasisHost.TimeLimit, Token);

    /// <summary>Runs a command that must succeed, and gives what it printed, trimmed.</summary>
    public async Task<string> OkAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"stasis {string.Join(' ', arguments)}: exit code {result.ExitCode}\n{result.Error}");
        return result.Output.Trim();
    }

    /// <summary>Whether an <c>inspect</c> or <c>exists</c> says that there is such a thing.</summary>
    public async Task<bool> HasAsync(params string[] look)
    {
        var result = await RunAsync(look);
        Assert.True(result.ExitCode is 0 or 1 or 125, $"stasis {string.Join(' ', look)}: exit code {result.ExitCode}\n{result.Error}");
        return result.ExitCode == 0;
    }

    /// <summary>Runs a line of shell in the machine, in the folder of its disk, and gives what it printed, trimmed.</summary>
    public async Task<string> ShellAsync(string line)
    {
        var result = await Spawn.RunAsync(Inside("sh", "-c", $"cd {MountPoint} && {line}"), StasisHost.TimeLimit, Token);
        Assert.True(result.ExitCode == 0, $"{line}: exit code {result.ExitCode}\n{result.Error}");
        return result.Output.Trim();
    }

    /// <summary>Starts a command of stasis.</summary>
    public ChildProcess Start(params string[] arguments) => Spawn.Start(Command(arguments));

    /// <summary>Cuts the power: of what the file system had not written nothing comes back, and every process is gone.</summary>
    public async Task CutPowerAsync()
    {
        var ids = Path.Combine(_folder, "ids");
        await ToolAsync(Inside("sh", "-c", $"{Cutter} {MountPoint} && if cd {RunRoot}/containers; then ls; fi >{ids} 2>/dev/null"));
        foreach (var id in (await File.ReadAllTextAsync(ids, Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            _ids.Add(id);
        await HaltAsync();
    }

    /// <summary>Switches it off when everything is written.</summary>
    public async Task SwitchOffAsync()
    {
        await ToolAsync(Inside("sync", "--file-system", MountPoint));
        await HaltAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_namespaces is not null)
            await HaltAsync();
        FileTree.Remove(_folder);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // A reboot also empties the cgroups, which these namespaces share with the machine of the tests.
    private async Task HaltAsync()
    {
        _namespaces!.Signal(Signals.Kill);
        await _namespaces.WaitAsync(CancellationToken.None);
        _namespaces.Dispose();
        _namespaces = null;
        await Eventually.TrueAsync(Ended, "the machine's end");
        await Eventually.GetAsync(
            async () => (await Spawn.RunAsync(
                new SpawnOptions { Program = "losetup", Arguments = ["-j", Image] }, StasisHost.TimeLimit, CancellationToken.None)).Output,
            devices => devices.Length == 0);
        foreach (var hierarchy in Directory.EnumerateDirectories("/sys/fs/cgroup"))
        {
            foreach (var id in _ids.Where(id => Directory.Exists($"{hierarchy}/stasis/{id}")))
                RemoveCgroup($"{hierarchy}/stasis/{id}");
        }
    }

    // A process that v1's freezer holds doesn't die.
    private bool Ended()
    {
        foreach (var freezer in _ids.Select(id => $"/sys/fs/cgroup/freezer/stasis/{id}/freezer.state").Where(File.Exists))
            File.WriteAllText(freezer, "THAWED");
        return HasEnded(_init);
    }

    // Its parent is dead, and the process that has inherited it may not wait for it: then it is a zombie.
    private static bool HasEnded(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static void RemoveCgroup(string path)
    {
        foreach (var child in Directory.EnumerateDirectories(path))
            RemoveCgroup(child);
        Directory.Delete(path);
    }

    private SpawnOptions Command(params string[] arguments) => Inside(
        [
            StasisHost.Binary, "--root", Root, "--runroot", RunRoot,
            .. arguments is ["run" or "create", ..] ? (string[])[arguments[0], "--network", "none", .. arguments[1..]] : arguments,
        ]);

    private SpawnOptions Inside(params string[] command) => new()
    {
        Program = "nsenter",
        Arguments = [$"--target={_init}", "--mount", "--pid", "--", .. command],
        NewProcessGroup = true,
    };

    private static Task ToolAsync(string program, params string[] arguments) =>
        ToolAsync(new SpawnOptions { Program = program, Arguments = arguments });

    private static async Task ToolAsync(SpawnOptions tool)
    {
        var result = await Spawn.RunAsync(tool, StasisHost.TimeLimit, Token);
        Assert.True(result.ExitCode == 0, $"{tool.Program} {string.Join(' ', tool.Arguments)}: {result.Error}");
    }
}
