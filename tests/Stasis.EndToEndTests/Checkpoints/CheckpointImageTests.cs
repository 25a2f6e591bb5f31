using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>Checkpoints as images: made, restored by their names, and handed over between Stasis and real Podman.</summary>
public sealed class CheckpointImageTests : IAsyncLifetime
{
    private const string Script = "echo new >/root/new; rm /etc/group; i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done";
    private const string Show = "cat /root/new; test -e /etc/group || echo gone";

    private readonly StasisHost _host = new();

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Several_containers_come_back_from_one_image_each()
    {
        foreach (var name in (string[])["one", "two"])
        {
            await _host.OkAsync(
                "run",
                "-d",
                "--name",
                name,
                "-v",
                $"{name}:/data",
                "busybox",
                "sh",
                "-c",
                $"echo {name} >/data/file; {Script}");
            await _host.CountsBeyondAsync(name, 3);
        }
        var (one, two) = (await _host.InspectAsync("one", "{{.Id}}"), await _host.InspectAsync("two", "{{.Id}}"));
        Assert.Equal("one", await _host.OkAsync("container", "checkpoint", "--create-image", "cp-one", "one"));
        await _host.OkAsync("container", "checkpoint", "--create-image", "cp-two", "-R", "two");
        await _host.CountsOnAsync("two");
        // It has its checkpoint in place as well.
        Assert.Equal("one", await _host.OkAsync("container", "restore", "one"));
        await _host.CountsOnAsync("one");

        await _host.OkAsync("rm", "-f", "one", "two");
        await _host.OkAsync("volume", "rm", "one", "two");
        Assert.Equal($"{two}\n{one}", await _host.OkAsync("container", "restore", "cp-two", "cp-one"));
        Assert.Equal("one\nnew\ngone", await _host.OkAsync("exec", "one", "sh", "-c", "cat /data/file;" + Show));
        await _host.OkAsync("container", "restore", "cp-one", "-n", "copy", "--ignore-volumes");
        foreach (var name in (string[])["one", "two", "copy"])
            await _host.CountsOnAsync(name);
        await _host.CountedWithoutGapAsync("copy");
    }

    [Fact]
    public async Task Image_that_is_no_checkpoint_is_refused()
    {
        Assert.Contains("image is not a checkpoint: busybox", await _host.FailAsync("container", "restore", "busybox"),
            StringComparison.Ordinal);
        await _host.StartCounterAsync("counter");
        Assert.Contains("--export or --create-image",
            await _host.FailAsync("container", "checkpoint", "--create-image", "cp", "-e", _host.PathOf("a.tar"), "counter"),
                StringComparison.Ordinal);
        await _host.FailAsync("container", "checkpoint", "--create-image", "No Name", "counter");
        await _host.CountsOnAsync("counter");
    }

    [Fact]
    public async Task Podman_restores_ours_and_we_Podmans()
    {
        var (exchange, name) = (Peer.MakeFolder(), $"peer-{Guid.NewGuid():N}"[..16]);
        var (ours, podmans) = (Path.Combine(exchange, "ours.tar"), Path.Combine(exchange, "podmans.tar"));
        try
        {
            // Both have the same image, down to its ID: Podman finds a container's image by that.
            var (rootfs, saved) = (Path.Combine(exchange, "rootfs.tar"), Path.Combine(exchange, "image.tar"));
            File.Copy(await TestImages.RootfsAsync(), rootfs);
            await Peer.PodmanAsync("import", rootfs, name);
            await Peer.PodmanAsync("save", "-o", saved, name);
            await _host.OkAsync("load", "-i", saved);
            await _host.OkAsync("run", "-d", "--name", name, "--network", "none", name, "sh", "-c", Script);
            await _host.CountsBeyondAsync(name, 3);
            await _host.OkAsync("container", "checkpoint", "--create-image", $"{name}-a", name);
            await _host.OkAsync("save", "-o", ours, $"{name}-a");
            await _host.OkAsync("rm", name);

            await Peer.PodmanAsync("load", "-i", ours);
            await Peer.PodmanAsync("container", "restore", $"{name}-a");
            Assert.Equal("new\ngone", await Peer.PodmanAsync("exec", name, "sh", "-c", Show));
            await Peer.PodmanAsync("container", "checkpoint", "--create-image", $"{name}-b", name);
            await Peer.PodmanAsync("save", "--format", "oci-archive", "-o", podmans, $"{name}-b");

            await _host.OkAsync("load", "-i", podmans);
            await _host.OkAsync("container", "restore", $"{name}-b");
            Assert.Equal("new\ngone", await _host.OkAsync("exec", name, "sh", "-c", Show));
            await _host.CountsOnAsync(name);
        }
        finally
        {
            await Peer.PodmanAsync("rm", "-f", "-t", "0", name);
            await Peer.PodmanAsync("rmi", "-f", name, $"{name}-a", $"{name}-b");
            FileTree.Remove(exchange);
        }
    }
}
