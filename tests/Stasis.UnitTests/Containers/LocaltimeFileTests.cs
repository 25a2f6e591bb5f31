using System.Text.Json;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Xunit;

namespace Stasis.UnitTests.Containers;

public sealed class LocaltimeFileTests
{
    [Theory]
    [InlineData("UTC")]
    [InlineData("Europe/Berlin")]
    public void Localtime_is_this_hosts_file(string zone) =>
        Assert.Equal(File.ReadAllBytes("/usr/share/zoneinfo/" + zone), LocaltimeFile.Read(Make(zone)));

    [Theory]
    [InlineData("Nowhere/At_all")]
    [InlineData("Europe")]
    [InlineData("../../../etc/passwd")]
    [InlineData("/etc/passwd")]
    public void Name_that_is_no_zone_is_refused(string zone) =>
        Assert.Contains(zone, Assert.Throws<StasisException>(() => LocaltimeFile.Read(Make(zone))).Message, StringComparison.Ordinal);

    private static Container Make(string zone) => new(
        new ContainerConfig
        {
            Id = new string('a', 64),
            Name = "c",
            Unknown = new Dictionary<string, JsonElement> { ["timezone"] = JsonSerializer.SerializeToElement(zone) }
        }, new OciSpec(), new ContainerState());
}
