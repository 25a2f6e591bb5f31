using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.Jail;
using Xunit;

namespace Stasis.UnitTests.Jail;

/// <summary>Which containers can be restored in a jail.</summary>
public sealed class JailPlanBuilderTests
{
    [Theory]
    [InlineData("""{"linux":{"cgroupsPath":"/stasis/x"}}""", true)]
    [InlineData("""{"linux":{"cgroupsPath":"/stasis/x"},"hooks":null}""", true)]
    [InlineData("""{"linux":{"cgroupsPath":"/stasis/x"},"hooks":{}}""", true)]
    [InlineData("""{"linux":{"cgroupsPath":"/stasis/x"},"hooks":{"prestart":[],"poststop":null}}""", true)]
    [InlineData("""{"linux":{"cgroupsPath":"/stasis/x"},"hooks":{"prestart":[{"path":"/bin/true"}]}}""", false)]
    [InlineData("""{"linux":{"cgroupsPath":"/stasis/x"},"hooks":{"prestart":{}}}""", false)]
    [InlineData("""{"linux":{"cgroupsPath":"/stasis/x"},"hooks":[]}""", false)]
    [InlineData("""{"linux":{"cgroupsPath":"system.slice:libpod:x"}}""", false)]
    [InlineData("""{"linux":{"cgroupsPath":"/stasis/x"},"annotations":{"org.criu.config":"/etc/x"}}""", false)]
    public void Hooks_a_slice_and_the_users_own_configuration_need_the_host(string spec, bool expected) =>
        Assert.Equal(expected, JailPlanBuilder.IsPossible(JsonSerializer.Deserialize(spec, EngineJson.Default.OciSpec)!));
}
