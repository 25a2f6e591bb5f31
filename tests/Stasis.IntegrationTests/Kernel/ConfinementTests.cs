using System.Globalization;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests.Kernel;

/// <summary>What a thread gives up for itself and for what it starts.</summary>
public sealed class ConfinementTests : IDisposable
{
    private readonly string _home = Directory.CreateDirectory($"/var/tmp/stasis-test-{Guid.NewGuid():N}").FullName;

    [Fact]
    public void A_locked_mount_can_not_be_made_writable()
    {
        var (source, plain, locked) = (Make("source"), Make("plain"), Make("locked"));
        MountNamespace.RunInNew(() =>
        {
            Mount.Bind(source, plain, readOnly: true);
            using (var copy = LockedMountClone.Clone(plain))
                copy.AttachTo(locked);
            Mount.Make(null, plain, null, MountFlags.Bind | MountFlags.Remount, null);
            File.WriteAllText(Path.Combine(plain, "x"), "");
            Assert.Throws<Stasis.Linux.LinuxException>(() => Mount.Make(null, locked, null, MountFlags.Bind | MountFlags.Remount, null));
            Assert.ThrowsAny<IOException>(() => File.WriteAllText(Path.Combine(locked, "y"), ""));
        });
    }

    [Fact]
    public void Dropped_capabilities_are_gone_from_what_is_started()
    {
        ulong before = Bounding(() => { }),
            after = Bounding(() => ThreadCapabilities.Drop(ThreadCapabilities.SysModule, ThreadCapabilities.Bpf));
        Assert.Equal(before & ~((1ul << ThreadCapabilities.SysModule) | (1ul << ThreadCapabilities.Bpf)), after);
        Assert.Equal(before, Bounding(() => { }));
    }

    [Fact]
    public void A_scope_closes_processes_outside()
    {
        Assert.True(LandlockScope.IsSupported, "this kernel has no scopes of Landlock (Linux 6.12)");
        var outside = $"ls /proc/{Environment.ProcessId}/root/ >/dev/null && kill -0 {Environment.ProcessId}";
        Assert.Equal(0, Run(outside, () => { }));
        Assert.NotEqual(0, Run(outside, LandlockScope.EnterOnThread));
        Assert.Equal(0, Run("sleep 100 & kill -0 $! && kill $!", LandlockScope.EnterOnThread));
    }

    public void Dispose() => FileTree.Remove(_home);

    private string Make(string name) => Directory.CreateDirectory(Path.Combine(_home, name)).FullName;

    private static ulong Bounding(Action confine)
    {
        var output = "";
        MountNamespace.RunInNew(() =>
        {
            confine();
            using var child = Start("exec grep CapBnd /proc/self/status", out var read);
            using var reader = new StreamReader(new FileStream(read, FileAccess.Read));
            output = reader.ReadToEnd();
            child.WaitAsync(CancellationToken.None).GetAwaiter().GetResult();
        });
        return ulong.Parse(output.Split('\t')[1].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    private static int Run(string command, Action confine)
    {
        var code = -1;
        MountNamespace.RunInNew(() =>
        {
            confine();
            using var child = Start(command, out var read);
            read.Dispose();
            code = child.WaitAsync(CancellationToken.None).GetAwaiter().GetResult();
        });
        return code;
    }

    private static ChildProcess Start(string command, out Microsoft.Win32.SafeHandles.SafeFileHandle read)
    {
        var pipe = Pipe.Create();
        read = pipe.Read;
        using (pipe.Write)
        {
            return Spawn.Start(new SpawnOptions
            {
                Program = "/bin/sh",
                Arguments = ["-c", command],
                Descriptors = new Dictionary<int, Microsoft.Win32.SafeHandles.SafeFileHandle> { [1] = pipe.Write },
            });
        }
    }
}
