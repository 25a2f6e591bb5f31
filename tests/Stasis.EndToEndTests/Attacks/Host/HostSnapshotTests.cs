using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Network;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>A snapshot notices each kind of change to the host; otherwise the tests of attacks could not fail.</summary>
[Collection<HostIsOurs>]
public sealed class HostSnapshotTests : IAsyncLifetime
{
    private Canary _canary = null!;

    private string File => Path.Combine(_canary.Target.Canary, "file");

    private string Outside => Path.Combine(_canary.Target.Folder, "new");

    public ValueTask InitializeAsync()
    {
        _canary = new Canary { Container = RandomHex.Digits(64) };
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _canary.DisposeAsync();

    [Fact]
    public async Task Nothing_is_different_when_nothing_was_done()
    {
        var snapshot = HostSnapshot.Take(_canary);

        Assert.Empty(await snapshot.DifferencesAsync());
        Assert.True(snapshot.Count > 1000, $"{snapshot.Count} facts");
    }

    [Fact]
    public Task Files_that_change() => NoticesAsync(
        [
            ("file", () => System.IO.File.WriteAllText(File, "Canary\n")),
            ("file", () => System.IO.File.SetUnixFileMode(File, (UnixFileMode)0x9ED)),
            ("file", () => System.IO.File.SetLastWriteTimeUtc(File, DateTime.UnixEpoch)),
            ("file", () => Xattrs.Set(File, "trusted.canary", "x"u8)),
            ("file", () => System.IO.File.Delete(File)),
            ("file", () => Directory.CreateDirectory(Outside)),
            ("link", () =>
            {
                System.IO.File.Delete(Path.Combine(_canary.Target.Canary, "link"));
                System.IO.File.CreateSymbolicLink(Path.Combine(_canary.Target.Canary, "link"), "victim");
            }),
        ]);

    // Content of the same length, and times that are set back: hashes see it.
    [Fact]
    public async Task Content_with_the_old_times()
    {
        System.IO.File.SetLastWriteTimeUtc(File, DateTime.UnixEpoch);
        var snapshot = HostSnapshot.Take(_canary);

        System.IO.File.WriteAllText(File, "Canary\n");
        System.IO.File.SetLastWriteTimeUtc(File, DateTime.UnixEpoch);

        Assert.Contains("sha256", Assert.Single(snapshot.DifferencesNow()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mounts()
    {
        var snapshot = HostSnapshot.Take(_canary);
        var folder = Path.Combine(_canary.Target.Canary, "folder");

        Mount.Make("canary", folder, "tmpfs", MountFlags.None, null);
        try
        {
            Assert.Contains(snapshot.DifferencesNow(), line => line.StartsWith($"new: mount at {folder}", StringComparison.Ordinal));
        }
        finally
        {
            Mount.Unmount(folder);
        }
        Assert.Empty(await snapshot.DifferencesAsync());
    }

    [Fact]
    public async Task Cgroups()
    {
        foreach (var group in _canary.Groups)
        {
            var snapshot = HostSnapshot.Take(_canary);
            var inner = Path.Combine(group, "inner");

            Directory.CreateDirectory(inner);
            Assert.Contains(snapshot.DifferencesNow(), line => line.StartsWith($"new: cgroup {inner}: ", StringComparison.Ordinal));
            Directory.Delete(inner);
            Assert.Empty(await snapshot.DifferencesAsync());

            System.IO.File.SetUnixFileMode(Path.Combine(group, "cgroup.procs"), (UnixFileMode)0x1B6);
            Assert.Contains(snapshot.DifferencesNow(),
                line => line.StartsWith($"changed: cgroup {group}/cgroup.procs: ", StringComparison.Ordinal));
        }
    }

    /// <summary>A group of the container's that has been left behind; those of other containers come and go.</summary>
    [Fact]
    public void Cgroups_of_the_container()
    {
        var snapshot = HostSnapshot.Take(_canary);
        var own = Path.Combine(CgroupFacts.Hierarchies().First(), _canary.Container!);
        var other = Path.Combine(CgroupFacts.Hierarchies().First(), new string('a', 64));

        Directory.CreateDirectory(own);
        Directory.CreateDirectory(other);
        var differences = snapshot.DifferencesNow();
        Directory.Delete(own);
        Directory.Delete(other);

        Assert.Contains(differences, line => line.StartsWith($"new: cgroup {own}: ", StringComparison.Ordinal));
        Assert.DoesNotContain(differences, line => line.Contains(other, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cgroup_values_and_processes()
    {
        var snapshot = HostSnapshot.Take(_canary);
        var group = _canary.Groups.First(group => System.IO.File.Exists(Path.Combine(group, "pids.max")));

        System.IO.File.WriteAllText(Path.Combine(group, "pids.max"), "100");
        Assert.Contains("value max -> ", Assert.Single(snapshot.DifferencesNow()), StringComparison.Ordinal);
        System.IO.File.WriteAllText(Path.Combine(group, "pids.max"), "max");
        Assert.Empty(await snapshot.DifferencesAsync());

        using var other = Spawn.Start(new SpawnOptions { Program = "sleep", Arguments = ["infinity"], NewProcessGroup = true });
        System.IO.File.WriteAllText(Path.Combine(group, "cgroup.procs"), other.Id.ToString(CultureInfo.InvariantCulture));
        var differences = snapshot.DifferencesNow();
        other.Signal(Signals.Kill);
        await Eventually.EndsAsync(other.WaitAsync(TestContext.Current.CancellationToken));

        Assert.Contains(differences, line => line.StartsWith($"changed: cgroup file {group}/cgroup.procs: ", StringComparison.Ordinal));
        Assert.Contains(differences, line => line.StartsWith($"new: process {other.Id} ", StringComparison.Ordinal));
        Assert.Empty(await snapshot.DifferencesAsync());
    }

    [Fact]
    public async Task Sockets()
    {
        var snapshot = HostSnapshot.Take(_canary);
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        List<Socket> sockets = [];
        InOwnNetwork(() =>
        {
            sockets.Add(Bind(new UnixDomainSocketEndPoint(path), SocketType.Stream));
            sockets.Add(Bind(new UnixDomainSocketEndPoint("\0canary"), SocketType.Dgram));
            sockets.Add(Bind(new IPEndPoint(IPAddress.Loopback, 0), SocketType.Stream));
        });
        try
        {
            var differences = snapshot.DifferencesNow();
            Assert.Contains(differences, line => line.StartsWith($"new: unix socket {path}: ", StringComparison.Ordinal));
            Assert.Contains(differences, line => line.StartsWith("new: unix socket @canary", StringComparison.Ordinal));
            Assert.Contains(differences, line => line.StartsWith("new: tcp socket ", StringComparison.Ordinal));
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
        System.IO.File.Delete(path);
        Assert.Empty(await snapshot.DifferencesAsync());
    }

    /// <summary>A setting of the test's own network namespace.</summary>
    [Fact]
    public void Kernel_settings()
    {
        const string Path = "/proc/sys/net/ipv4/ip_default_ttl";
        var snapshot = HostSnapshot.Take(_canary);
        var before = "";
        InOwnNetwork(() =>
        {
            before = System.IO.File.ReadAllText(Path);
            System.IO.File.WriteAllText(Path, "17");
        });
        var differences = snapshot.DifferencesNow();
        InOwnNetwork(() => System.IO.File.WriteAllText(Path, before));

        Assert.EndsWith("-> 17", Assert.Single(differences), StringComparison.Ordinal);
    }

    // A thread of the pool may be in another network, of a thread that other tests ran there and that started it.
    private static void InOwnNetwork(Action action) => NetworkNamespace.Run(HostView.Own.NetNs, action);

    private static Socket Bind(EndPoint address, SocketType type)
    {
        var socket = new Socket(address.AddressFamily, type, ProtocolType.Unspecified);
        socket.Bind(address);
        if (type == SocketType.Stream)
            socket.Listen();
        return socket;
    }

    private async Task NoticesAsync(IReadOnlyList<(string Subject, Action Change)> changes)
    {
        foreach (var (subject, change) in changes)
        {
            var snapshot = HostSnapshot.Take(_canary);
            change();
            var differences = snapshot.DifferencesNow();
            Assert.Contains(differences, line => line.Contains(subject, StringComparison.Ordinal));
            Assert.All(differences, line => Assert.Contains(_canary.Target.Folder, line, StringComparison.Ordinal));
        }
    }
}
