using Stasis.Cli.Output.Tables;
using Stasis.Engine.Model;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class PortTextTests
{
    [Fact]
    public void Ports_are_published_ones_first_and_in_ranges()
    {
        var config = new ContainerConfig
        {
            Id = "",
            Name = "",
            PortMappings =
            [
                new PortMapping { ContainerPort = 80, HostPort = 8080 },
                new PortMapping { ContainerPort = 9000, HostPort = 9100, Range = 3, Protocol = "udp", HostIp = "127.0.0.1" },
            ],
            ExposedPorts = new Dictionary<string, IReadOnlyList<string>>
            {
                ["80"] = ["tcp"],
                ["443"] = ["tcp"],
                ["444"] = ["tcp", "udp"],
                ["9001"] = ["udp"],
            },
        };
        Assert.Equal("0.0.0.0:8080->80/tcp, 127.0.0.1:9100-9102->9000-9002/udp, 443-444/tcp, 444/udp", PortText.Format(config));
    }

    [Fact]
    public void Ports_of_a_container_without_any_are_empty() =>
        Assert.Equal("", PortText.Format(new ContainerConfig { Id = "", Name = "" }));
}
