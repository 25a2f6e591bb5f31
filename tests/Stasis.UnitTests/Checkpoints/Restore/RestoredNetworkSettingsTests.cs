using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Restore;

public sealed class RestoredNetworkSettingsTests : IDisposable
{
    // As Podman 5.8 writes it.
    private const string Status =
        """{"podman":{"interfaces":{"eth7":{"subnets":[{"ipnet":"10.88.0.5/16","gateway":"10.88.0.1"}],"mac_address":"46:7f:45:6e:4f:c8"}}}}""";

    private static readonly ContainerConfig Config = new()
    {
        Id = "",
        Name = "c",
        CreateNetNs = true,
        NetworkMode = "bridge",
        Networks = new Dictionary<string, NetworkAttachment>
        {
            ["podman"] = new() { StaticIps = ["10.88.0.9"], StaticMac = "aa:aa:aa:aa:aa:aa", InterfaceName = "eth0" }
        },
        PortMappings = [new PortMapping { ContainerPort = 80, HostPort = 8080 }],
    };

    private readonly TempDirectory _temp = new();
    private readonly StasisEngine _engine;

    public RestoredNetworkSettingsTests()
    {
        _engine = new StasisEngine(new EngineOptions { Root = _temp.Layout.Root, RunRoot = _temp.Layout.RunRoot });
        File.WriteAllText(Checkpoint.NetworkStatus, Status);
    }

    public void Dispose()
    {
        _engine.Dispose();
        _temp.Dispose();
    }

    private CheckpointEntryPaths Checkpoint => new(_temp.Path);

    private NetworkAttachment Attachment(RestoreOptions options, ContainerConfig? config = null) =>
        RestoredNetworkSettings.Attachments(RestoredNetworkSettings.Apply(config ?? Config, options, _engine),
            Checkpoint, "a.tar", options)!["podman"];

    [Fact]
    public void Under_its_name_what_it_had_is_asked_for()
    {
        var attachment = Attachment(new RestoreOptions());
        Assert.Equal(("eth7", "10.88.0.5", "46:7f:45:6e:4f:c8"),
            (attachment.InterfaceName, attachment.StaticIps!.Single(), attachment.StaticMac));
    }

    [Theory]
    [InlineData("x", false, false)]
    [InlineData(null, true, true)]
    public void Under_a_new_name_or_ignored_nothing_is(string? name, bool ignoreIp, bool ignoreMac)
    {
        var attachment =
            Attachment(new RestoreOptions
            {
                Identity = new() { Name = name },
                Network = new() { IgnoreStaticIp = ignoreIp, IgnoreStaticMac = ignoreMac }
            });
        Assert.Null(attachment.StaticIps);
        Assert.Null(attachment.StaticMac);
    }

    [Fact]
    public void Each_can_be_ignored_alone_and_be_replaced()
    {
        Assert.Equal((true, "46:7f:45:6e:4f:c8"),
            (Attachment(new RestoreOptions { Network = new() { IgnoreStaticIp = true } }).StaticIps is null,
                Attachment(new RestoreOptions { Network = new() { IgnoreStaticIp = true } }).StaticMac));
        var asked = Attachment(new RestoreOptions { Identity = new() { Name = "x" }, Network = new() { Ip = "10.88.0.77" } });
        Assert.Equal(("10.88.0.77", true), (asked.StaticIps!.Single(), asked.StaticMac is null));
        var own = Attachment(new RestoreOptions { Network = new() { Ip = "10.88.0.77" } });
        Assert.Equal(("10.88.0.77", "46:7f:45:6e:4f:c8"), (own.StaticIps!.Single(), own.StaticMac));
    }

    [Fact]
    public void Podman_6s_list_and_its_null_status_are_understood()
    {
        File.WriteAllText(Checkpoint.NetworkStatus, "null\n");
        var config = Config with
        {
            Networks = null,
            OrderedNetworks = [new NamedNetworkAttachment { Name = "podman", StaticIps = ["10.88.0.4"], InterfaceName = "eth0" }]
        };
        Assert.Equal("10.88.0.4", Attachment(new RestoreOptions(), config).StaticIps!.Single());
    }

    [Fact]
    public void Ports_are_kept_or_replaced()
    {
        Assert.Equal(8080,
            RestoredNetworkSettings.Apply(Config, new RestoreOptions { Identity = new() { Name = "x" } }, _engine)
                .PortMappings!.Single().HostPort);
        Assert.Equal(("127.0.0.1", 99),
            RestoredNetworkSettings.Apply(Config, new RestoreOptions { Network = new() { Publish = ["127.0.0.1:99:80"] } }, _engine)
                .PortMappings!
                .Select(port => (port.HostIp, (int)port.HostPort))
                .Single());
    }

    [Fact]
    public void A_namespace_cannot_appear_or_vanish()
    {
        var host = Config with { CreateNetNs = false, NetworkMode = "host", Networks = null, PortMappings = null };
        Assert.Same(host, RestoredNetworkSettings.Apply(host, new RestoreOptions(), _engine));
        Assert.Throws<StasisException>(() =>
            RestoredNetworkSettings.Apply(host, new RestoreOptions { Network = new() { Networks = ["podman"] } },
            _engine));
        Assert.Throws<StasisException>(() =>
            RestoredNetworkSettings.Apply(host, new RestoreOptions { Network = new() { Publish = ["80:80"] } },
            _engine));
        Assert.Throws<StasisException>(() =>
            RestoredNetworkSettings.Apply(Config, new RestoreOptions { Network = new() { Networks = ["host"] } },
            _engine));
        Assert.Equal("none",
            RestoredNetworkSettings.Apply(Config, new RestoreOptions { Network = new() { Networks = ["none"] } }, _engine).NetworkMode);
    }

    [Fact]
    public void A_mode_that_Stasis_has_not_is_refused_unless_replaced()
    {
        var rootless = Config with { NetworkMode = "pasta", Networks = null };
        Assert.Contains("pasta",
            Assert.Throws<StasisException>(() => RestoredNetworkSettings.Apply(rootless, new RestoreOptions(), _engine)).Message,
                StringComparison.Ordinal);
        Assert.Equal("bridge",
            RestoredNetworkSettings.Apply(rootless, new RestoreOptions { Network = new() { Networks = ["podman"] } }, _engine).NetworkMode);
    }

    [Fact]
    public void The_status_is_written_as_Podman_does()
    {
        var status = JsonSerializer.Deserialize(Status, EngineJson.Default.IReadOnlyDictionaryStringNetworkStatus)!;
        Assert.Equal(Status, JsonSerializer.Serialize(status, EngineJson.Default.IReadOnlyDictionaryStringNetworkStatus));
    }
}
