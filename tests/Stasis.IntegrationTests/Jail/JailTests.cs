using Stasis.Engine.Jail;
using Stasis.Engine.Oci;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests.Jail;

/// <summary>The jail with a shell in place of the runtime, which tries what a CRIU that was taken in would.</summary>
public sealed class JailTests : IDisposable
{
    private readonly string _home = Directory.CreateDirectory($"/var/tmp/stasis-test-{Guid.NewGuid():N}").FullName;
    private readonly string _group = $"stasis-test-{Guid.NewGuid():N}";
    private IReadOnlyList<string> _cgroups = [];

    [Theory]
    [InlineData("ls /etc/passwd", "the host's files")]
    [InlineData("ls /root", "the host's folders")]
    [InlineData("ls /proc/1/root/etc", "the host through process 1")]
    [InlineData("kill -0 1", "signals to the host's processes")]
    [InlineData("echo x >IMAGES/file", "images")]
    [InlineData("echo x >BIND/file", "a read-only bind")]
    [InlineData("echo x >/usr/bin/sh", "programs")]
    [InlineData("mount -o remount,bind,rw IMAGES && echo x >IMAGES/file", "images made writable")]
    [InlineData("mount -o remount,bind,rw BIND && echo x >BIND/file", "a read-only bind made writable")]
    [InlineData("umount BIND", "what lies beneath a mount")]
    [InlineData("mkdir /sys/fs/cgroup/pids/GROUP-other", "cgroups of its own")]
    [InlineData("echo 1 >/sys/fs/cgroup/pids/cgroup.procs", "another cgroup")]
    [InlineData("echo x >/proc/sys/kernel/core_pattern", "the host's settings")]
    [InlineData("mount -o remount,bind,rw /proc/sys && echo x >/proc/sys/kernel/core_pattern", "settings made writable")]
    [InlineData("echo b >/proc/sysrq-trigger && read x </proc/kmsg", "the kernel's log")]
    [InlineData("mknod /tmp/disk b 254 0 && dd if=/tmp/disk of=/dev/null count=1", "the host's disk")]
    public async Task The_jail_keeps_the_host_from_the_runtime(string command, string what)
    {
        Assert.NotEqual(0, await RunAsync(command));
        Assert.Equal("untouched", File.ReadAllText(At("images/file")));
        Assert.True(File.ReadAllText(At("source/file")) == "untouched", what);
    }

    [Theory]
    [InlineData("[ -f /proc/self/stat ] && echo x >/tmp/x")]
    [InlineData("cat IMAGES/file && echo x >ROOTFS/x && echo x >WRITABLE/x")]
    [InlineData("echo x >/dev/null && echo 0 >/sys/fs/cgroup/pids/GROUP/cgroup.procs")]
    [InlineData("cat BUNDLE/config.json && echo x >BUNDLE/restore.log")]
    public async Task The_jail_has_what_a_restore_needs(string command) => Assert.Equal(0, await RunAsync(command));

    [Fact]
    public async Task Files_of_the_runtime_are_copied_out()
    {
        // A PID above PID_MAX_LIMIT, which nobody has.
        Assert.Equal(0, await RunAsync("echo 'Error (x)' >BUNDLE/restore.log && mkdir -p STATE/ID && echo 4194999 >PIDFILE"));
        Assert.Equal("Error (x)\n", File.ReadAllText(At("bundle/restore.log")));
        Assert.Equal("4194999\n", File.ReadAllText(At("pidfile")));
    }

    [Fact]
    public async Task Nothing_of_the_jail_is_left_on_the_host()
    {
        Assert.Equal(0, await RunAsync("echo x >/tmp/x"));
        Assert.DoesNotContain(MountEntry.Read("self"), entry => entry.Point.StartsWith(_home, StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(At("jail")));
    }

    /// <summary>Here, CRIU isn't there to wait.</summary>
    [Fact]
    public async Task Runtime_that_ends_before_a_strangers_container_is_looked_at_has_failed()
    {
        Assert.Equal(1, await RunAsync("true", isUntrusted: true));
        Assert.Contains("CRIU has not waited", File.ReadAllText(At("runtime.log")), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        foreach (var folder in _cgroups.Where(Directory.Exists))
            Directory.Delete(folder);
        FileTree.Remove(_home);
    }

    private async Task<int> RunAsync(string command, bool isUntrusted = false)
    {
        foreach (var folder in (string[])["images", "source", "writable", "merged", "bundle", "files", "jail", "state"])
            Directory.CreateDirectory(At(folder));
        File.WriteAllText(At("images/file"), "untouched");
        File.WriteAllText(At("source/file"), "untouched");
        File.WriteAllText(At("files/config.json"), "{}");
        File.WriteAllText(At("bundle/config.json"), "{}"); // the engine's own, outside of the jail
        File.WriteAllText(At("runtime.log"), "");
        var host = HostCgroups.Read();
        JailCgroups.Create(host, "/" + _group);
        _cgroups = JailCgroups.Locate(host, "/" + _group);
        // The shell's applets are those of busybox: a mount that has nothing to do with the host's libraries.
        var shell = ExecutablePath.Find("busybox")!;
        foreach (var program in (string[])[shell, "/usr/bin/sh"])
        {
            Directory.CreateDirectory(At("programs" + Path.GetDirectoryName(program)));
            File.Copy(program, At("programs" + program), overwrite: true);
        }
        var plan = new JailPlan
        {
            Id = "ID",
            Runtime = shell,
            Programs = [shell, "/usr/bin/sh"],
            ProgramCopies = At("programs"),
            ReadOnlyFolders = [AppContext.BaseDirectory.TrimEnd('/'), RuntimeFolder],
            NewRoot = At("jail"),
            Bundle = At("bundle"),
            BundleSource = At("files"),
            Images = At("images"),
            RootFs = At("merged"),
            Binds =
            [
                new JailBind(At("source"), "/.stasis/binds/0", IsReadOnly: true, IsRecursive: false),
                new JailBind(At("writable"), "/.stasis/binds/1", IsReadOnly: false, IsRecursive: false),
            ],
            Files = [],
            Cgroups = _cgroups,
            DroppedCapabilities = [],
            CgroupsPath = "/" + _group,
            Hierarchies = JailCgroups.FindHierarchies(host),
            StateRoot = At("state"),
            Log = At("runtime.log"),
            PidFile = At("pidfile"),
            Findings = At("findings.json"),
            Allowed = isUntrusted ? [] : null,
            RequiresVerification = isUntrusted,
        };
        plan.Write(At("plan.json"));
        var line = command.Replace("IMAGES", plan.Images, StringComparison.Ordinal)
            .Replace("BIND", "/.stasis/binds/0", StringComparison.Ordinal)
            .Replace("WRITABLE", "/.stasis/binds/1", StringComparison.Ordinal).Replace("ROOTFS", plan.RootFs, StringComparison.Ordinal)
            .Replace("BUNDLE", plan.Bundle, StringComparison.Ordinal).Replace("STATE", plan.StateRoot, StringComparison.Ordinal)
            .Replace("PIDFILE", plan.PidFile, StringComparison.Ordinal).Replace("GROUP", _group, StringComparison.Ordinal);
        // Without applets on a PATH, busybox's shell runs its own.
        return await Task.Run(() => JailedRestore.Run(At("plan.json"), ["sh", "-c", line]));
    }

    private static string RuntimeFolder => System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory().TrimEnd('/');

    private string At(string name) => Path.Combine(_home, name);
}
