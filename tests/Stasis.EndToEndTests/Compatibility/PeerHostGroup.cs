using System.Globalization;
using Stasis.EndToEndTests.Harness;
using Stasis.EndToEndTests.Interop;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Compatibility;

/// <summary>Hosts with the crun of the peer's root file system, since Debian 12's has no CRIU.</summary>
public sealed class PeerHostGroup : HostGroup
{
    private readonly string _netns = $"programs-{Guid.NewGuid():N}";
    private readonly string _exchange = Peer.MakeFolder();
    private readonly string _binary;

    private PeerHostGroup()
    {
        _binary = Path.Combine(_exchange, "stasis");
        File.Copy(StasisHost.Binary, _binary);
        Folder = Directory.CreateDirectory(Path.Combine(_exchange, "shared")).FullName;
        Client = new StasisHost(netns: Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(Peer.NetNs))!, "root/run/netns", _netns));
        Hosts =
        [
            .. Enumerable.Range(0, Size).Select(i => new Side(isPodman: false, arguments => InPeer(
                [
                    .. Prefix, "nsenter", $"--net=/run/netns/{_netns}", "--", _binary, "--root", Root(i), "--runroot", $"/run/{_netns}-{i}",
                    "--runtime", "crun", .. arguments
                ])))
        ];
    }

    public override StasisHost Client { get; }

    public override IReadOnlyList<Side> Hosts { get; }

    public override string Folder { get; }

    public static async Task<PeerHostGroup> CreateAsync()
    {
        var group = new PeerHostGroup();
        await group.InPeerAsync("ip", "netns", "add", group._netns);
        await group.InPeerAsync("ip", "-n", group._netns, "link", "set", "lo", "up");
        return group;
    }

    protected override async ValueTask DisposeHostsAsync()
    {
        await Client.DisposeAsync();
        await InPeerAsync("ip", "netns", "delete", _netns);
        FileTree.Remove(_exchange);
    }

    // From here, as the peer sees no other folder than the one that is exchanged.
    protected override SpawnOptions Import(int host, string tar, string name) =>
        Client.Command([], ["--root", Root(host), "image", "import", tar, name]);

    private string Root(int host) => Path.Combine(_exchange, "root" + host.ToString(CultureInfo.InvariantCulture));

    private async Task InPeerAsync(params string[] command)
    {
        var result = await Spawn.RunAsync(InPeer(command), StasisHost.TimeLimit, TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    protected override SpawnOptions OnHost(string[] command) => InPeer(command);

    private static SpawnOptions InPeer(string[] command) => new() { Program = Peer.Run, Arguments = command, NewProcessGroup = true };
}
