using Stasis.Linux.Files;
using Stasis.Linux.Memory;
using Xunit;

namespace Stasis.IntegrationTests.Kernel;

public sealed class AnonymousMemoryDevicesTests
{
    // The runtime maps what it compiles from a memfd.
    [Fact]
    public void Shared_memory_is_the_kernels()
    {
        var mapping = File.ReadLines("/proc/self/maps").First(line => line.Contains("/memfd:", StringComparison.Ordinal)).Split(' ')[0];
        Assert.True(
            AnonymousMemoryDevices.Contains(FileMountStatus.TryRead($"/proc/self/map_files/{mapping}")!.Value.Status.ContainingDevice));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/proc")]
    [InlineData("/dev")]
    [InlineData("/dev/shm")]
    [InlineData("/run")]
    public void File_systems_with_a_place_are_not(string path) =>
        Assert.False(AnonymousMemoryDevices.Contains(FileMountStatus.TryRead(path)!.Value.Status.ContainingDevice));
}
