using Stasis.EndToEndTests.Harness;
using Stasis.EndToEndTests.Interop;
using Stasis.Linux.Processes;

namespace Stasis.EndToEndTests.Compatibility;

/// <summary>Hosts with the runc of this machine.</summary>
public sealed class LocalHostGroup : HostGroup
{
    private readonly StasisHost[] _hosts;

    public LocalHostGroup()
    {
        var first = new StasisHost(networks: true);
        _hosts = [first, .. Enumerable.Range(1, Size - 1).Select(_ => new StasisHost(netns: first.NetNs))];
        Hosts = [.. _hosts.Select(host => new Side(isPodman: false, arguments => Enter(host.Command([], arguments))))];
    }

    public override StasisHost Client => _hosts[0];

    public override IReadOnlyList<Side> Hosts { get; }

    public override string Folder => Client.Folder;

    protected override SpawnOptions OnHost(string[] command) => Client.OnHost(command);

    protected override async ValueTask DisposeHostsAsync()
    {
        foreach (var host in Enumerable.Reverse(_hosts)) // the first has the network namespace
            await host.DisposeAsync();
    }

    protected override SpawnOptions Import(int host, string tar, string name) => _hosts[host].Command([], ["image", "import", tar, name]);

    private SpawnOptions Enter(SpawnOptions command)
    {
        string[] line = [.. Prefix, command.Program, .. command.Arguments];
        return command with { Program = line[0], Arguments = line[1..] };
    }
}
