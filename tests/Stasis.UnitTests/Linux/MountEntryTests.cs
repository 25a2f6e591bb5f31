using Stasis.Linux.Mounts;
using Xunit;

namespace Stasis.UnitTests.Linux;

public sealed class MountEntryTests
{
    [Fact]
    public void A_line_with_optional_fields_is_parsed()
    {
        var entry = MountEntry.Parse(@"36 35 98:0 /mnt1 /mnt/a\040b rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue");
        Assert.Equal((36ul, 35ul, "98:0", "/mnt1", "/mnt/a b", "ext3"),
            (entry.Id, entry.Parent, entry.Device, entry.Root, entry.Point, entry.Type));
        Assert.Equal(["rw", "noatime"], entry.Options);
        Assert.Equal(["rw", "errors=continue"], entry.SuperOptions);
    }

    [Fact]
    public void A_line_without_optional_fields_is_parsed()
    {
        var entry = MountEntry.Parse("31 30 0:28 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu");
        Assert.Equal(("cgroup", "0:28"), (entry.Type, entry.Device));
        Assert.Contains("cpu", entry.SuperOptions);
    }

    [Fact]
    public void Own_mounts_have_a_root() => Assert.Contains(MountEntry.Read("self"), entry => entry.Point == "/");
}
