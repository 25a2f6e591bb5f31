using Stasis.Engine.Vetting.Restored;
using Xunit;

namespace Stasis.UnitTests.Vetting.Restored;

public sealed class KernelFileTests
{
    [Theory]
    [InlineData("proc", "/", true)]
    [InlineData("proc", "/17", true)]
    [InlineData("proc", "/17/fd", true)]
    [InlineData("proc", "/17/task", true)]
    [InlineData("proc", "/17/stat")]
    [InlineData("proc", "/17/task/18/stat")]
    [InlineData("proc", "/17/mountinfo")]
    [InlineData("proc", "/17/net/tcp")]
    [InlineData("proc", "/17/mem")]
    [InlineData("proc", "/meminfo")]
    [InlineData("proc", "/interrupts")]
    [InlineData("proc", "/sys/kernel/random/boot_id")]
    [InlineData("sysfs", "/devices/system/cpu/online")]
    [InlineData("cgroup2", "/memory.max")]
    public void Files_that_ordinary_programs_open_are_harmless(string type, string path, bool isDirectory = false) =>
        Assert.True(new KernelFile(type, path, isDirectory, IsWritten: false, Pid: "17").IsHarmless(_ => false));

    [Theory]
    [InlineData("proc", "/kmsg")]
    [InlineData("proc", "/kcore")]
    [InlineData("proc", "/kallsyms")]
    [InlineData("proc", "/iomem")]
    [InlineData("proc", "/sysrq-trigger")]
    [InlineData("proc", "/1/mem")]
    [InlineData("proc", "/17/pagemap")]
    [InlineData("proc", "/17/root")]
    [InlineData("proc", "/17/root/etc")]
    [InlineData("proc", "/17/fd/3")]
    [InlineData("proc", "/17/fd")]
    [InlineData("proc", "/17/task/18/fd/3")]
    [InlineData("proc", "/17/ns/mnt")]
    [InlineData("proc", "/17/map_files/0-1")]
    [InlineData("proc", "/self/stat")]
    [InlineData("proc", "/meminfo\n")]
    [InlineData("proc", "/acpi", true)]
    [InlineData("sysfs", "/firmware/efi/efivars/x")]
    [InlineData("sysfs", "/devices/pci0000:00/0000:00:01.0/config")]
    [InlineData("debugfs", "/x")]
    [InlineData("debugfs", "/x", true)]
    [InlineData("securityfs", "/meminfo")]
    public void Other_files_are_not(string type, string path, bool isDirectory = false) =>
        Assert.False(new KernelFile(type, path, isDirectory, IsWritten: false, Pid: "17").IsHarmless(_ => false));

    [Theory]
    [InlineData("proc", "/kmsg", "CAP_SYSLOG")]
    [InlineData("proc", "/iomem", "CAP_SYS_ADMIN")]
    [InlineData("proc", "/17/pagemap", "CAP_SYS_ADMIN")]
    [InlineData("sysfs", "/firmware/acpi/tables/DSDT", "CAP_SYS_ADMIN")]
    public void Guarded_file_is_harmless_to_who_has_the_capability(string type, string path, string capability)
    {
        var file = new KernelFile(type, path, IsDirectory: false, IsWritten: false, Pid: "17");

        Assert.True(file.IsHarmless(name => name == capability));
        Assert.False(file.IsHarmless(name => name != capability));
    }

    [Theory]
    [InlineData("/17/comm", true)]
    [InlineData("/17/mem", true)]
    [InlineData("/17/environ", false)]
    [InlineData("/17/net/tcp", false)]
    [InlineData("/meminfo", false)]
    [InlineData("/kmsg", false)]
    public void Only_some_files_of_processes_may_be_written(string path, bool may) =>
        Assert.Equal(may, new KernelFile("proc", path, IsDirectory: false, IsWritten: true, Pid: "17").IsHarmless(_ => true));

    [Theory]
    [InlineData("proc", "/driver/rtc", false, true)]
    [InlineData("debugfs", "/x", false, true)]
    [InlineData("proc", "/driver/rtc", true, false)]
    [InlineData("proc", "/kmsg", false, false)]
    [InlineData("proc", "/17/root", false, false)]
    [InlineData("sysfs", "/devices/pci0000:00/0000:00:01.0/config", false, false)]
    public void Files_to_be_read_can_be_allowed(string type, string path, bool isWritten, bool may) =>
        Assert.Equal(may, new KernelFile(type, path, IsDirectory: false, isWritten, Pid: "17").IsAllowable);
}
