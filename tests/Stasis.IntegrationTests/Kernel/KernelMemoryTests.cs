using Stasis.Linux.Files;
using Stasis.Linux.Memory;
using Xunit;

namespace Stasis.IntegrationTests.Kernel;

public sealed class KernelMemoryTests
{
    private const string HugePages = "/sys/kernel/mm/hugepages";

    [Fact]
    public void Shared_memory_rings_and_each_size_of_huge_pages_have_a_device_of_their_own()
    {
        var sizes = Directory.Exists(HugePages) ? Directory.GetDirectories(HugePages).Length : 0;
        Assert.Equal(sizes + 2, KernelMemory.Devices.Count);
    }

    [Fact]
    public void What_is_mounted_has_another()
    {
        foreach (var path in (string[])["/", "/proc", "/run", "/dev", "/dev/shm"])
            Assert.DoesNotContain(MountedFile.TryRead(path)!.Value.Status.ContainingDevice, KernelMemory.Devices);
    }
}
