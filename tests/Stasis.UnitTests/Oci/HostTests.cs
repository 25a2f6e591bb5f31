using Stasis.Engine.Oci;
using Xunit;

namespace Stasis.UnitTests.Oci;

public sealed class HostTests
{
    [Fact]
    public void Hybrid_hosts_have_the_controllers_of_both_hierarchies()
    {
        string[] mounts =
        [
            "30 23 0:26 /part /elsewhere rw - cgroup cgroup rw,memory",
            "31 23 0:26 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory",
            "32 23 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
            "33 23 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd",
            "34 23 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate",
            "35 23 8:1 / / rw - ext4 /dev/sda1 rw",
        ];

        var cgroups = HostCgroups.Parse(mounts, _ => "hugetlb misc\n");

        Assert.Equal(["cpu", "cpuacct", "hugetlb", "memory", "misc"], cgroups.Controllers.Order());
        Assert.Equal("/sys/fs/cgroup/memory", cgroups.Legacy["memory"]);
        Assert.Equal("/sys/fs/cgroup/systemd", cgroups.Legacy["name=systemd"]);
        Assert.Equal("/sys/fs/cgroup/unified", cgroups.Unified);
        Assert.False(cgroups.IsUnified);
    }

    [Fact]
    public void Cgroup2_alone_is_unified()
    {
        var cgroups = HostCgroups.Parse(["34 23 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw"],
            path => path == "/sys/fs/cgroup/cgroup.controllers" ? "cpu memory pids\n" : "");

        Assert.True(cgroups.IsUnified);
        Assert.Contains("pids", cgroups.Controllers);
    }

    [Fact]
    public void Mounts_of_a_CRIU_at_work_do_not_count()
    {
        string[] mounts =
        [
            "29 23 0:26 / /root/bundle/.criu.cgyard.abcdef/memory rw - cgroup cgroup rw,memory",
            "30 23 0:29 / /root/bundle/.criu.cgyard.abcdef/unified rw - cgroup2 none rw",
            "31 23 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
        ];

        var cgroups = HostCgroups.Parse(mounts, path => throw new DirectoryNotFoundException(path));

        Assert.Null(cgroups.Unified);
        Assert.Equal("/sys/fs/cgroup/memory", cgroups.Legacy["memory"]);
    }

    [Fact]
    public void Limits_are_read_by_column()
    {
        var limits = HostFacts.ParseLimits(
        [
            "Limit                     Soft Limit           Hard Limit           Units     ",
            "Max open files            1024                 524288               files     ",
            "Max processes             unlimited            unlimited            processes ",
        ]);

        Assert.Equal((1024ul, 524288ul), limits["Max open files"]);
        Assert.Equal((ulong.MaxValue, ulong.MaxValue), limits["Max processes"]);
    }

    [Fact]
    public void A_bind_keeps_what_the_mount_beneath_it_forbids()
    {
        var host = new HostFacts
        {
            Mounts = [("/", ["rw"]), ("/srv", ["rw", "nosuid", "nodev"]), ("/srv/x", ["rw", "noexec", "relatime"])]
        };

        Assert.Empty(host.GetMountRestrictions("/srvx"));
        Assert.Equal(["nosuid", "nodev"], host.GetMountRestrictions("/srv/y"));
        Assert.Equal(["noexec"], host.GetMountRestrictions("/srv/x/z"));
    }
}
