using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

[assembly: AssemblyFixture(typeof(Stasis.EndToEndTests.Interop.InteropFixture))]

namespace Stasis.EndToEndTests.Interop;

/// <summary>
/// The engines that all cells share: Podman in the peer's root file system, and Stasis twice: on this host with its runc, and in the peer's
/// root file system with the crun there, since Debian 12's has no CRIU. All are in the peer's network namespace, so that a client keeps its
/// connection to a container that moves from one to the other. Made when first asked for.
/// </summary>
public sealed class InteropFixture : IAsyncDisposable
{
    private const string BridgeKeeper = "interop-bridge";

    private readonly SemaphoreSlim _making = new(1);
    private readonly List<string> _images = [];
    private string? _exchange;
    private StasisHost? _host;
    private int _count;

    /// <summary>This host, in whose network namespace the containers are reached.</summary>
    public StasisHost Host => _host ?? throw new InvalidOperationException("no image has been asked for yet");

    /// <summary>A folder that all of them see under one path.</summary>
    public string Exchange => _exchange ?? throw new InvalidOperationException("no image has been asked for yet");

    /// <summary>A number that no other cell has.</summary>
    public int NextNumber() => Interlocked.Increment(ref _count);

    public Side Podman(string runtime) => new(isPodman: true, arguments => InPeer(["podman", "--runtime", runtime, .. arguments]));

    public Side Stasis(string runtime) => runtime == "runc"
        ? new Side(isPodman: false, arguments => Host.Command([], arguments))
        : StasisInPeer(runtime);

    /// <summary>Stasis beside Podman, with its runtimes and its seccomp profile.</summary>
    public Side StasisInPeer(string runtime) => new(isPodman: false,
        arguments => InPeer(
        [
            Path.Combine(Exchange, "stasis"), "--root", RootInPeer, "--runroot", "/run/stasis", "--runtime", runtime, .. arguments
        ]));

    /// <summary>Sees to it that all engines have an image, the same one down to its ID: Podman finds a container's image by that.</summary>
    /// <param name="name">Also the name of the root file system that eng/setup.sh unpacked; "base" is busybox with programs.</param>
    public async Task RequireImageAsync(string name)
    {
        await _making.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_host is null)
            {
                Start();
                await LoadAsync("base");
                // Keeps the bridge there: the engines don't know of each other, and one would take it away while the other attaches a
                // container to it.
                await Podman("runc").OkAsync("run", "-d", "--name", BridgeKeeper, ImageName("base"), "sleep", "100000");
            }
            if (!_images.Contains(ImageName(name)))
                await LoadAsync(name);
        }
        finally
        {
            _making.Release();
        }
    }

    public static string ImageName(string name) => "localhost/interop-" + name;

    public async ValueTask DisposeAsync()
    {
        _making.Dispose();
        if (_host is null)
            return;
        await Podman("runc").OkAsync("rm", "-f", "-t", "0", BridgeKeeper);
        await Podman("runc").OkAsync(["rmi", "-f", .. _images]);
        Assert.Equal("", await Stasis("crun").OkAsync("ps", "-aq"));
        FileTree.Remove(Exchange);
        await _host.DisposeAsync();
    }

    private async Task LoadAsync(string name)
    {
        var (rootfs, saved) = (Path.Combine(Exchange, "rootfs.tar"), Path.Combine(Exchange, "image.tar"));
        File.Copy(await RootfsAsync(name), rootfs);
        _images.Add(ImageName(name));
        await Podman("runc").OkAsync("import", rootfs, ImageName(name));
        await Podman("runc").OkAsync("save", "-o", saved, ImageName(name));
        await Stasis("runc").OkAsync("load", "-i", saved);
        // From here, as there is no skopeo in the peer.
        await new Side(isPodman: false, arguments => Host.Command([], ["--root", RootInPeer, .. arguments])).OkAsync("load", "-i", saved);
        File.Delete(rootfs);
        File.Delete(saved);
    }

    private static Task<string> RootfsAsync(string name) => name switch
    {
        "base" => TestImages.RootfsAsync("attacked", "counter", "files", "lazy", "linked", "locks", "observer"),
        "postgres" => TestImages.UnpackedAsync(name, "euid"),
        _ => TestImages.UnpackedAsync(name),
    };

    private string RootInPeer => Path.Combine(Exchange, "root");

    private void Start()
    {
        _exchange = Peer.MakeFolder();
        File.Copy(StasisHost.Binary, Path.Combine(_exchange, "stasis"));
        // Of a build that isn't compiled ahead of time, for a peer that has .NET.
        foreach (var name in (string[])["*.dll", "*.runtimeconfig.json", "*.deps.json"])
        {
            foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(StasisHost.Binary)!, name))
                File.Copy(file, Path.Combine(_exchange, Path.GetFileName(file)));
        }
        _host = new StasisHost(netns: Peer.NetNs);
    }

    private static SpawnOptions InPeer(string[] command) => new() { Program = Peer.Run, Arguments = command, NewProcessGroup = true };
}
