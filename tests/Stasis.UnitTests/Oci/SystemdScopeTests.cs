using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Xunit;

namespace Stasis.UnitTests.Oci;

/// <summary>Names of systemd's cgroups, as engines write them.</summary>
public sealed class SystemdScopeTests
{
    [Theory]
    [InlineData("system.slice:docker:abc", "/system.slice/docker-abc.scope")]
    [InlineData(":docker:abc", "/system.slice/docker-abc.scope")]
    [InlineData(null, "/system.slice/runc-ID.scope")]
    [InlineData("", "/system.slice/runc-ID.scope")]
    [InlineData("machine.slice:libpod:abc", "/machine.slice/libpod-abc.scope")]
    [InlineData("-.slice:docker:abc", "/docker-abc.scope")]
    [InlineData(
        "kubepods-burstable-pod1_2.slice:cri-containerd:abc",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-abc.scope")]
    public void A_path_is_that_of_the_slices_and_the_scope(string? cgroupsPath, string path) =>
        Assert.Equal(path, SystemdScope.Parse(cgroupsPath, "ID").Path);

    [Theory]
    [InlineData("/docker/abc")]
    [InlineData("system.slice:docker")]
    [InlineData("system.slice:docker:")]
    [InlineData("system.slice:../docker:abc")]
    [InlineData("system:docker:abc")]
    [InlineData("system.slice:docker:other.slice")]
    public void Other_paths_are_refused(string cgroupsPath) =>
        Assert.Throws<StasisException>(() => SystemdScope.Parse(cgroupsPath, "ID"));

    [Fact]
    public void Limits_are_properties()
    {
        var properties = SystemdScope.GetProperties(new OciResources
        {
            Memory = new OciMemory { Limit = 1000, Swap = 1500 },
            Cpu = new OciCpu { Quota = 50000, Period = 100000 },
            Pids = new OciPids { Limit = 7 },
        });
        Assert.Equal(["MemoryMax=1000", "MemorySwapMax=500", "CPUQuota=50%", "TasksMax=7"], properties.Skip(6));
        Assert.Equal(6, SystemdScope.GetProperties(null).Count());
    }
}
