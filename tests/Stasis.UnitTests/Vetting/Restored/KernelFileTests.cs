using Stasis.Engine.Vetting.Restored;
using Xunit;

namespace Stasis.UnitTests.Vetting.Restored;

public sealed class KernelFileTests
{
    [Theory]
    [InlineData("proc", "/proc")]
    [InlineData("proc", "/proc/17")]
    [InlineData("proc", "/proc/17/stat")]
    [InlineData("proc", "/proc/17/task/18/stat")]
    [InlineData("proc", "/proc/17/mountinfo")]
    [InlineData("proc", "/proc/17/net/tcp")]
    [InlineData("proc", "/proc/meminfo")]
    [InlineData("proc", "/proc/sys/kernel/random/boot_id")]
    [InlineData("sysfs", "/sys/devices/system/cpu/online")]
    [InlineData("cgroup2", "/sys/fs/cgroup/memory.max")]
    public void Files_that_ordinary_programs_open_are_harmless(string type, string path) => Assert.True(KernelFile.IsHarmless(type, path));

    [Theory]
    [InlineData("proc", "/proc/kmsg")]
    [InlineData("proc", "/proc/kcore")]
    [InlineData("proc", "/proc/kallsyms")]
    [InlineData("proc", "/proc/iomem")]
    [InlineData("proc", "/proc/sysrq-trigger")]
    [InlineData("proc", "/proc/17/mem")]
    [InlineData("proc", "/proc/17/root")]
    [InlineData("proc", "/proc/17/fd/3")]
    [InlineData("proc", "/proc/17/ns/mnt")]
    [InlineData("proc", "/proc/17/map_files/0-1")]
    [InlineData("proc", "/proc/meminfo\n")]
    [InlineData("sysfs", "/sys/firmware/efi/efivars/x")]
    [InlineData("sysfs", "/sys/kernel/debug")]
    [InlineData("debugfs", "/sys/kernel/debug/x")]
    [InlineData("securityfs", "/proc/meminfo")]
    public void Everything_else_is_not(string type, string path) => Assert.False(KernelFile.IsHarmless(type, path));
}
