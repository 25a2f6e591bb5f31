using Stasis.EndToEndTests.Harness;
using Stasis.EndToEndTests.Interop;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>
/// Archives handed over between Stasis and real Podman: what one froze, the other brings back, under its own name and a new one.
/// </summary>
public sealed class PeerTests(InteropFixture fixture) : IAsyncLifetime
{
    private readonly string _exchange = Peer.MakeFolder();
    private readonly string _image = InteropFixture.ImageName("base");
    private readonly string _name = $"peer-{Guid.NewGuid():N}"[..16];

    private StasisHost Host => fixture.Host;

    private string Archive => Path.Combine(_exchange, "archive.tar.zst");

    public async ValueTask InitializeAsync() => await fixture.RequireImageAsync("base");

    public async ValueTask DisposeAsync()
    {
        await Peer.PodmanAsync("rm", "-f", "-t", "0", _name, $"{_name}-copy");
        await Host.OkAsync("rm", "-f", _name, $"{_name}-copy");
        FileTree.Remove(_exchange);
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip")]
    [InlineData("none")]
    public async Task Stasis_restores_what_Podman_froze(string compression)
    {
        var id = await Peer.PodmanAsync(
            "run",
            "-d",
            "--name",
            _name,
            "--network",
            "none",
            "--log-driver",
            "k8s-file",
            _image,
            "sh",
            "-c",
            Script);
        await PodmanCountsAsync(_name, 3);
        await Peer.PodmanAsync("container", "checkpoint", "--export", Archive, "--compress", compression, _name);
        var counted = await PodmanCountsAsync(_name, 0);
        await Peer.PodmanAsync("rm", _name);

        Assert.Equal(id, await Host.OkAsync("container", "restore", "--import", Archive));
        await Host.OkAsync("container", "restore", "-i", Archive, "-n", $"{_name}-copy");
        foreach (var name in (string[])[_name, $"{_name}-copy"])
        {
            await Workload.CountsAsync(Host, name, counted + 5);
            Assert.Equal(Files, await Host.OkAsync("exec", name, "sh", "-c", Show));
        }
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip")]
    [InlineData("none")]
    public async Task Podman_restores_what_Stasis_froze(string compression)
    {
        var id = await Host.OkAsync("run", "-d", "--network", "none", "--name", _name, _image, "sh", "-c", Script);
        await Workload.CountsAsync(Host, _name, 3);
        await Host.OkAsync("container", "checkpoint", "-e", Archive, "-c", compression, _name);
        var counted = await Workload.CountsAsync(Host, _name, 0);
        await Host.OkAsync("rm", _name);

        Assert.Equal(id, await Peer.PodmanAsync("container", "restore", "--import", Archive));
        await Peer.PodmanAsync("container", "restore", "-i", Archive, "-n", $"{_name}-copy");
        foreach (var name in (string[])[_name, $"{_name}-copy"])
        {
            await PodmanCountsAsync(name, counted + 5);
            Assert.Equal(Files, await Peer.PodmanAsync("exec", name, "sh", "-c", Show));
        }
    }

    /// <summary>Podman's CRIU makes a further name of the file, which comes with the archive. Stasis's images need none.</summary>
    [Theory]
    [InlineData("/tmp/linked")]
    [InlineData("/dev/shm/linked")]
    public async Task Deleted_file_that_has_another_name_goes_both_ways(string path)
    {
        const string Find = "find /tmp /dev/shm -name 'link_remap*'";
        // /etc/criu/runc.conf is what Podman's CRIU reads; the option allows the name.
        await Host.OnHostAsync(Peer.Run, "sh", "-c", "mkdir -p /etc/criu && echo link-remap >/etc/criu/runc.conf");
        await Peer.PodmanAsync(
            "run", "-d", "--name", _name, "--network", "none", "--log-driver", "k8s-file", _image, "linked", path);
        await PodmanCountsAsync(_name, 3);
        await Peer.PodmanAsync("container", "checkpoint", "--export", Archive, _name);
        var counted = await PodmanCountsAsync(_name, 0);
        await Peer.PodmanAsync("rm", _name);

        await Host.OkAsync("container", "restore", "--import", Archive);
        counted = await Workload.CountsAsync(Host, _name, counted + 3);
        Assert.Equal("", await Host.OkAsync("exec", _name, "sh", "-c", Find));
        await Host.OkAsync("container", "checkpoint", "-e", Archive, _name);
        counted = await Workload.CountsAsync(Host, _name, counted);
        await Host.OkAsync("rm", _name);

        await Peer.PodmanAsync("container", "restore", "--import", Archive);
        await PodmanCountsAsync(_name, counted + 3);
        Assert.Equal("", await Peer.PodmanAsync("exec", _name, "sh", "-c", Find));
    }

    [Fact]
    public async Task Encrypted_archives_go_both_ways_through_age()
    {
        var (key, encrypted) = (Path.Combine(_exchange, "key"), Archive + ".age");
        await Host.OnHostAsync("age-keygen", "-o", key);
        var recipient = await Host.OnHostAsync("age-keygen", "-y", key);
        await Host.OkAsync("run", "-d", "--network", "none", "--name", _name, _image, "sh", "-c", Script);
        await Workload.CountsAsync(Host, _name, 3);
        await Host.OkAsync("container", "checkpoint", "-e", encrypted, "--encrypt", recipient, _name);
        var counted = await Workload.CountsAsync(Host, _name, 0);
        await Host.OkAsync("rm", _name);

        await Host.OnHostAsync("age", "-d", "-i", key, "-o", Archive, encrypted);
        await Peer.PodmanAsync("container", "restore", "--import", Archive);
        counted = await PodmanCountsAsync(_name, counted + 5);
        await Peer.PodmanAsync("container", "checkpoint", "--export", Archive, _name);
        await Host.OnHostAsync("age", "-r", recipient, "-o", encrypted, Archive);
        FileTree.Remove(Archive);

        await Host.OkAsync("container", "restore", "--import", encrypted, "--identity", key);
        await Workload.CountsAsync(Host, _name, counted + 5);
        Assert.Equal(Files, await Host.OkAsync("exec", _name, "sh", "-c", Show));
    }

    // Not a symbolic link is deleted: Podman 5.8 follows it, and removes the file that it leads to (securejoin in CRRemoveDeletedFiles).
    private const string Script = "echo new >/root/new; chown 12:34 /root/new; rm /etc/group; echo shm >/dev/shm/file; exec counter";
    private const string Show = "stat -c '%u:%g %a' /root/new; cat /root/new /dev/shm/file; test -e /etc/group || echo gone";
    private const string Files = "12:34 644\nnew\nshm\ngone";

    // How far it has counted.
    private static async Task<int> PodmanCountsAsync(string name, int beyond) => await Eventually.GetAsync(
        async () => int.TryParse((await Peer.PodmanAsync("logs", "--tail", "1", name)).Trim(), out var number) ? number : 0,
            number => number > beyond);
}
