using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Xunit;

namespace Stasis.UnitTests.Network;

public class PublishedPortsTests
{
    [Theory]
    [InlineData("80", "", 0, 80, 1, "tcp")]
    [InlineData("8080:80", "", 8080, 80, 1, "tcp")]
    [InlineData("8080:80/udp", "", 8080, 80, 1, "udp")]
    [InlineData("8080:80/TCP", "", 8080, 80, 1, "tcp")]
    [InlineData("127.0.0.1:8080:80", "127.0.0.1", 8080, 80, 1, "tcp")]
    [InlineData("127.0.0.1::80", "127.0.0.1", 0, 80, 1, "tcp")]
    [InlineData("[::1]:8080:80/sctp", "::1", 8080, 80, 1, "sctp")]
    [InlineData("[::1]::80", "::1", 0, 80, 1, "tcp")]
    [InlineData("8000-8010:9000-9010", "", 8000, 9000, 11, "tcp")]
    [InlineData("9000-9010", "", 0, 9000, 11, "tcp")]
    [InlineData("1.2.3.4:1-3:4-6/udp", "1.2.3.4", 1, 4, 3, "udp")]
    public void Every_form_of_Podmans(string text, string ip, int host, int container, int range, string protocol)
    {
        var port = PublishedPorts.Parse(text);
        Assert.Equal((ip, (ushort)host, (ushort)container, (ushort)range, protocol),
            (port.HostIp, port.HostPort, port.ContainerPort, port.Range, port.Protocol));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("0:80")]
    [InlineData("80:0")]
    [InlineData("65536:80")]
    [InlineData("-1:80")]
    [InlineData("80/icmp")]
    [InlineData("80/tcp/udp")]
    [InlineData("1-2:1-3")]
    [InlineData("5-4:5-4")]
    [InlineData("1.2.3:80:80")]
    [InlineData("[::1]80")]
    [InlineData("[::1]:1:2:3")]
    [InlineData("1:2:3:4")]
    public void Invalid_port_is_refused_by_name(string text) =>
        Assert.StartsWith($"cannot publish \"{text}\": ", Assert.Throws<StasisException>(() => PublishedPorts.Parse(text)).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("8080:80", "8080:81", true)]
    [InlineData("8080:80", "8080:80/udp", false)]
    [InlineData("8080:80", "8081:80", false)]
    [InlineData("1.2.3.4:8080:80", "8080:80", true)]
    [InlineData("1.2.3.4:8080:80", "1.2.3.5:8080:80", false)]
    [InlineData("60000-60010:1-11", "60005:1", true)]
    public void Ports_of_other_containers_are_taken(string mine, string others, bool taken)
    {
        var other = new NetavarkRequest
        {
            ContainerId = "1",
            ContainerName = "owner",
            Networks = new Dictionary<string, NetworkAttachment>(),
            Definitions = new Dictionary<string, NetworkConfig>(),
            PortMappings = [PublishedPorts.Parse(others)],
        };
        // Addresses that this host hasn't can't be listened on: only what other containers have is asked here.
        var failure = Record.Exception(() => PublishedPorts.RefuseTaken([PublishedPorts.Parse(mine)], [other]));
        Assert.Equal(taken,
            failure is InUseException && failure.Message.Contains("container owner publishes it", StringComparison.Ordinal));
    }
}
