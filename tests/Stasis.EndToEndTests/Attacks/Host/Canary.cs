using System.Globalization;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>
/// What of the host attacks are aimed at: folders, and in each cgroup hierarchy a group with a process in it.
/// </summary>
internal sealed class Canary : IAsyncDisposable
{
    /// <summary>What the names of all canaries begin with.</summary>
    public const string Prefix = "stasis-canary-";

    private readonly ChildProcess _sleeper;
    private readonly List<string> _groups = [];

    /// <param name="parent">A folder that the attacked host sees under the same path; that of temporary files if not given.</param>
    public Canary(string? parent = null)
    {
        var name = Prefix + Path.GetRandomFileName();
        var folder = Directory.CreateDirectory(Path.Combine(parent ?? Path.GetTempPath(), name)).FullName;
        Target = new AttackTarget(folder, name, name + "-new");
        foreach (var inner in (string[])["folder", "folder/inner", "writable"])
            Directory.CreateDirectory(Path.Combine(Target.Canary, inner));
        File.WriteAllText(Path.Combine(Target.Canary, "file"), "canary\n");
        File.WriteAllText(Path.Combine(Target.Canary, "victim"), "canary\n");
        File.WriteAllText(Path.Combine(Target.Canary, "folder/inner/file"), "canary\n");
        File.CreateSymbolicLink(Path.Combine(Target.Canary, "link"), "file");
        foreach (var open in (string[])[folder, Path.Combine(Target.Canary, "writable")]) // as /tmp is
            File.SetUnixFileMode(open, (UnixFileMode)0x3FF);

        _sleeper = Spawn.Start(new SpawnOptions { Program = "sleep", Arguments = ["infinity"], NewProcessGroup = true });
        foreach (var hierarchy in CgroupFacts.Hierarchies())
        {
            var group = Path.Combine(hierarchy, Target.Cgroup);
            Directory.CreateDirectory(group);
            _groups.Add(group);
            if (Path.GetFileName(hierarchy) != "cpuset") // takes no process before it has processors
                File.WriteAllText(Path.Combine(group, "cgroup.procs"), _sleeper.Id.ToString(CultureInfo.InvariantCulture));
        }
    }

    public AttackTarget Target { get; }

    /// <summary>ID of the container that an attack is restored as, whose cgroups must go with it; null for none.</summary>
    public string? Container { get; set; }

    /// <summary>Folders that are looked at in every detail.</summary>
    public IReadOnlyList<string> Folders => [Target.Folder];

    /// <summary>Programs that run as root: whoever can write to one has the machine.</summary>
    public IReadOnlyList<string> Programs { get; init; } =
    [
        StasisHost.Binary,
        .. ((string[])["/usr/local/lib/stasis/bin/criu", .. ((string[])["criu", "runc", "crun", "conmon", "tar", "busybox"])
            .Select(name => ExecutablePath.Find(name)).OfType<string>()]).Where(File.Exists).Distinct(),
    ];

    /// <summary>The canary's group in each hierarchy.</summary>
    public IReadOnlyList<string> Groups => _groups;

    public async ValueTask DisposeAsync()
    {
        _sleeper.Signal(Signals.Kill);
        await Eventually.EndsAsync(_sleeper.WaitAsync(TestContext.Current.CancellationToken));
        _sleeper.Dispose();
        // Groups that an attack has made are folders in folders; their files can't be removed.
        foreach (var group in CgroupFacts.Hierarchies()
            .SelectMany(hierarchy => Directory.EnumerateDirectories(hierarchy, Target.Cgroup + "*", SearchOption.AllDirectories))
            .SelectMany(group => Directory.EnumerateDirectories(group, "*", SearchOption.AllDirectories).Prepend(group))
            .Distinct()
            .OrderByDescending(group => group.Length))
            Directory.Delete(group);
        Mount.UnmountBeneath(Target.Folder);
        FileTree.Remove(Target.Folder);
    }
}
