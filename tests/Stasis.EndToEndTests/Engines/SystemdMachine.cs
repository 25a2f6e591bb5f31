using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>
/// A machine on which systemd is the first process, in namespaces of its own over the peer's root file system, with cgroup2 alone. The
/// kernel shows no controller in that on a machine with v1 too: limits can't be tried.
/// </summary>
internal sealed class SystemdMachine : IAsyncDisposable
{
    // The overlay's upper folder is on the disk: Docker's own overlays are in it.
    private const string Boot = """
        set -e
        cgroup=$1 root=$2 upper=$3 exchange=$4
        echo $$ >"$cgroup/cgroup.procs"
        exec unshare --mount --net --uts --ipc --cgroup --propagation private --pid --fork --kill-child -- sh -ec '
          root=$1 merged=$2/merged exchange=$3
          mkdir -p "$2/upper" "$2/work" "$merged"
          mount -t overlay -o "lowerdir=$root,upperdir=$2/upper,workdir=$2/work" overlay "$merged"
          mount -t proc proc "$merged/proc"
          mount -t sysfs sysfs "$merged/sys"
          mount -t cgroup2 cgroup2 "$merged/sys/fs/cgroup"
          mount -t tmpfs -o mode=755 tmpfs "$merged/run"
          mount --rbind /dev "$merged/dev"
          mount -t tmpfs tmpfs "$merged/dev/shm"
          mkdir -p "$merged$exchange" "$merged/data"
          mount --bind "$exchange" "$merged$exchange"
          mount --bind "$2" "$merged/data"
          for unit in docker.service docker.socket containerd.service systemd-udevd.service systemd-logind.service; do
            ln -sfn /dev/null "$merged/etc/systemd/system/$unit"
          done
          ln -sfn /usr/lib/systemd/system/multi-user.target "$merged/etc/systemd/system/default.target"
          ip link set lo up
          cd "$merged"
          pivot_root . mnt
          umount -l /mnt
          exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=null
        ' boot "$root" "$upper" "$exchange"
        """;

    private readonly ChildProcess _holder;
    private readonly string _cgroup;
    private readonly string _folder;

    private SystemdMachine(ChildProcess holder, string cgroup, string folder) => (_holder, _cgroup, _folder) = (holder, cgroup, folder);

    /// <summary>Boots it.</summary>
    /// <param name="folder">A folder for its files, on a disk.</param>
    /// <param name="exchange">A folder that it sees under the same path.</param>
    public static async Task<SystemdMachine> BootAsync(string folder, string exchange)
    {
        var hierarchy = Directory.Exists("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";
        var cgroup = Directory.CreateDirectory(Path.Combine(hierarchy, $"stasis-systemd-{Guid.NewGuid():N}")).FullName;
        var root = Path.Combine(Environment.GetEnvironmentVariable("STASIS_REPO")!, "artifacts/peer/root");
        var holder = Spawn.Start(
            new SpawnOptions { Program = "sh", Arguments = ["-c", Boot, "boot", cgroup, root, folder, exchange], NewSession = true });
        var machine = new SystemdMachine(holder, cgroup, folder);
        await Eventually.GetAsync(
            () => machine.RunAsync("systemctl", "is-system-running"),
            result => result.Output.Trim() is "running" or "degraded");
        return machine;
    }

    /// <summary>Runs a command on it.</summary>
    public Task<ProgramResult> RunAsync(params string[] command)
    {
        var children = $"/proc/{_holder.Id}/task/{_holder.Id}/children";
        var init = File.Exists(children) ? File.ReadAllText(children).Trim() : "";
        string[] enter = ["-t", init.Length > 0 ? init : "0", "-m", "-n", "-p", "-u", "-i", "-C", "--", .. command];
        return Spawn.RunAsync(
            new SpawnOptions { Program = "nsenter", Arguments = enter, WorkingDirectory = "/" },
            StasisHost.TimeLimit,
            CancellationToken.None);
    }

    /// <summary>As above; the command must succeed.</summary>
    /// <returns>What it printed, trimmed.</returns>
    public async Task<string> OkAsync(params string[] command)
    {
        var result = await RunAsync(command);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', command)}: exit code {result.ExitCode}\n{result.Error}{result.Output}");
        return result.Output.Trim();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _holder.Signal(Signals.Kill); // its child, systemd, goes with it, and all other processes of its namespaces with that
        _holder.Wait();
        _holder.Dispose();
        await Eventually.TrueAsync(TryRemoveCgroups, $"the end of the processes in {_cgroup}");
        await Eventually.TrueAsync(TryRemoveFiles, $"the end of the mounts in {_folder}");
    }

    private bool TryRemoveCgroups()
    {
        var folders = Directory.EnumerateDirectories(_cgroup, "*", SearchOption.AllDirectories)
            .OrderByDescending(folder => folder.Length).Append(_cgroup).ToList();
        try
        {
            folders.ForEach(folder => Directory.Delete(folder));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private bool TryRemoveFiles()
    {
        try
        {
            Stasis.Linux.Files.FileTree.Remove(_folder);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
