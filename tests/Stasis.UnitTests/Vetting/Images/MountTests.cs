using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images.Namespaces;
using Xunit;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>The mounts of real images, as runtimes make them for other specs: nothing is found in these.</summary>
public class MountTests
{
    private const string Memory = "/scratch";

    [Fact]
    public void Mounts_of_runc_have_no_findings() => Assert.Empty(Find(_ => { }));

    [Fact]
    public void One_tmpfs_over_all_masked_folders_has_no_finding() => Assert.Empty(Find(mounts =>
    {
        // runc 1.3
        foreach (var point in (string[])["/proc/acpi", "/sys/firmware"])
            mounts.At(point).Set("root_dev", 0x66).Set("options", "size=4k,nr_inodes=1");
    }));

    [Theory]
    [InlineData(0x200001)]
    [InlineData(0x200000)] // once restored
    public void Mounts_of_crun_have_no_findings(long flagsOfMask) => Assert.Empty(Find(mounts =>
    {
        foreach (var point in (string[])["/proc/keys", "/proc/timer_list", "/proc/interrupts"])
            mounts.At(point).Set("fstype", 3).Set("flags", 0x200001).Set("root_dev", 6).Set("source", "devtmpfs").Set("ext_key", point);
        foreach (var point in (string[])["/proc/acpi", "/sys/firmware"])
            mounts.At(point).Set("root_dev", 0x3f7).Set("root", "/crun/.empty-directory").Set("sb_flags", 0)
                .Set("ext_key", "/run/crun/.empty-directory");
        mounts.At("/sys/firmware").Set("flags", flagsOfMask);
        mounts.At("/sys").Set("sb_flags", 0);
        mounts.At("/sys/fs/cgroup").Set("source", "cgroup").Set("options", "size=1024k");
    }));

    [Fact]
    public void A_terminal_of_the_containers_own_has_no_finding()
    {
        var spec = GoldenImages.Spec;
        Assert.Empty(Find(AddConsole, spec with { Process = spec.Process! with { Terminal = true } }));
        Assert.NotEmpty(Find(AddConsole, spec));
    }

    [Theory]
    [InlineData("/dev/pts", "/tty", "root")]
    [InlineData("/dev", "/0", "root_dev")]
    public void A_terminal_from_elsewhere_is_found(string from, string root, string field)
    {
        var spec = GoldenImages.Spec;
        var found = Find(
            mounts =>
            {
                AddConsole(mounts);
                mounts.At("/dev/console").Set("root", root).Set("root_dev", mounts.At(from).Number("root_dev"));
            },
            spec with { Process = spec.Process! with { Terminal = true } });
        Assert.EndsWith(field, Assert.Single(found).Where, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/var/run", "/opt/run")] // a folder's link
    [InlineData("/a/../scratch//", "/scratch")]
    public void A_tmpfs_whose_destination_is_written_in_another_way_has_no_finding(string destination, string real) =>
        Assert.Empty(Find(mounts => mounts.At(Memory).Set("mountpoint", real),
            Replace(Memory, mount => mount with { Destination = destination })));

    [Theory]
    [InlineData("/usr/lib/program")]
    [InlineData("/somewhere/else")]
    public void A_bind_through_a_link_of_the_image_has_no_finding(string real) =>
        Assert.Empty(Find(mounts => mounts.At("/program").Set("mountpoint", real).Set("ext_key", real)));

    [Fact]
    public void A_bind_through_a_link_that_may_be_the_read_only_one_must_be_allowed()
    {
        var spec = GoldenImages.Spec;
        var found = Find(
            mounts =>
            {
                mounts.At("/program").Set("mountpoint", "/x/data").Set("ext_key", "/x/data");
                mounts.AddCopy("/x/data").Set("mountpoint", "/z/program").Set("ext_key", "/z/program").Set("flags", 0x200000);
            },
            spec with { Mounts = [.. spec.Mounts!, new OciMount { Destination = "/q/data", Type = "bind", Options = ["rbind"] }] });
        Assert.Contains(found, finding => finding is { Rule: "image-linked-mount", Allow: "linked-mount:/z/program" });
    }

    [Fact]
    public void Binds_through_links_with_the_same_restrictions_have_no_finding()
    {
        var spec = GoldenImages.Spec;
        var linked = new OciMount { Destination = "/lib/data", Type = "bind", Options = ["rbind", "ro"] };
        Assert.Empty(Find(
            mounts =>
            {
                mounts.At("/program").Set("mountpoint", "/usr/lib/tz").Set("ext_key", "/usr/lib/tz");
                mounts.AddCopy("/usr/lib/tz").Set("mountpoint", "/usr/lib/data").Set("ext_key", "/usr/lib/data");
            },
            spec with { Mounts = [linked, .. spec.Mounts!] }));
    }

    [Fact]
    public void More_binds_than_the_spec_has_are_found() => Assert.Contains(
        Find(mounts => mounts.AddCopy("/program").Set("mountpoint", "/more").Set("ext_key", "/more")),
        finding => finding is { Rule: "image-mount", Value: "/more", Allow: null });

    [Fact]
    public void A_missing_mount_is_found()
    {
        var found = Assert.Single(Find(mounts => mounts.All.Remove(mounts.At(Memory))));
        Assert.Equal(("image-mount", "/scratch", Severity.Refused), (found.Rule, found.Value, found.Severity));
    }

    [Fact]
    public void A_tmpfs_within_a_bind_can_be_allowed()
    {
        var found = Assert.Single(Find(mounts => mounts.AddCopy(Memory)
            .Set("mountpoint", "/program/sub").Set("root_dev", 0x70).Set("parent_mnt_id", mounts.At("/program").Number("mnt_id"))));
        Assert.Equal(("image-mount", "/program/sub", "submount:/program/sub"), (found.Rule, found.Value, found.Allow));
    }

    [Theory]
    [InlineData(5, "tmpfs", "size=64k,uid=1000")]
    [InlineData(1, "proc", "")]
    [InlineData(14, "mqueue", "")]
    public void A_mount_of_a_process_with_CAP_SYS_ADMIN_can_be_allowed(int type, string source, string options)
    {
        var found = Assert.Single(Find(mounts => Add(mounts, type, source, options), With("CAP_SYS_ADMIN")));
        Assert.Equal(("image-own-mount", "own-mount:/mnt"), (found.Rule, found.Allow));
        Assert.Null(Assert.Single(Find(mounts => Add(mounts, type, source, options))).Allow);
    }

    [Theory]
    [InlineData(17, "overlay", "lowerdir=/etc")]
    [InlineData(11, "debugfs", "")]
    [InlineData(9, "securityfs", "")]
    [InlineData(3, "devtmpfs", "")]
    [InlineData(12, "cgroup", "devices")]
    [InlineData(5, "/etc", "")]
    [InlineData(5, "tmpfs", "size=9999g")]
    public void Other_mounts_of_a_process_with_CAP_SYS_ADMIN_are_always_refused(int type, string source, string options) =>
        Assert.Null(Assert.Single(Find(mounts => Add(mounts, type, source, options), With("CAP_SYS_ADMIN"))).Allow);

    [Fact]
    public void Mounts_of_a_nested_namespace_are_copies_of_the_containers()
    {
        var images = new GoldenImages();
        var mounts = new ForgedRecords(images, "mountpoints-");
        foreach (var mount in mounts.All)
        {
            mount.Set("mnt_id", mount.Number("mnt_id") + 1000).Set("parent_mnt_id", mount.Number("parent_mnt_id") + 1000);
            if (mount.Has("ext_key"))
                mount.Remove("ext_key");
        }
        mounts.Write("mountpoints-99.img");
        Assert.Empty(images.Verify(With("CAP_SYS_ADMIN"), MountTreeImageRule.Check));

        mounts.At("/program").Set("flags", 0x200000);
        mounts.Write("mountpoints-99.img");
        Assert.Equal("/program", Assert.Single(images.Verify(With("CAP_SYS_ADMIN"), MountTreeImageRule.Check)).Value);
    }

    [Theory]
    [InlineData("size=1g", "size=1048576k", true)]
    [InlineData("size=1G", "size=1048576k", true)]
    [InlineData("size=100000", "size=100k", true)]
    [InlineData("size=64m", "size=65537k", true)] // rounded to pages
    [InlineData("size=64m", "size=1g", false)]
    [InlineData("size=64m", "", false)]
    [InlineData("size=64m", "size=0k", false)]
    [InlineData("size=50%", "", true)]
    [InlineData("size=0", "size=0k", true)]
    [InlineData("mode=1777", "", true)]
    [InlineData("mode=755", "mode=755", true)]
    [InlineData("uid=1000", "uid=1000", true)]
    [InlineData("uid=1000", "uid=0", false)]
    [InlineData("nr_inodes=5", "nr_inodes=6", false)]
    [InlineData("huge=always", "huge=always", true)]
    [InlineData("rw", "huge=always", false)]
    [InlineData("rw", "inode64", true)]
    [InlineData("rw", "lowerdir=/", false)]
    [InlineData("rw", "mode=755,mode=777", false)]
    [InlineData("context=\"a:b:c:s0:c1,c2\"", "context=\"a:b:c:s0:c1,c2\"", true)]
    [InlineData("context=\"a:b:c:s0:c1,c2\"", "context=\"a:b:c:s0:c1,c3\"", false)]
    public void Options_of_a_tmpfs_are_the_specs(string option, string options, bool isEqual) => Assert.Equal(
        isEqual,
        Find(
            mounts => mounts.At(Memory).Set("options", options),
            Replace(Memory, mount => mount with { Options = [.. mount.Options!, option] })).Count == 0);

    [Theory]
    [InlineData("rshared", 0x100000, true)]
    [InlineData("rslave", 0x80000, true)]
    [InlineData("rprivate", 0x100000, false)]
    [InlineData("rprivate", 0x80000, false)]
    [InlineData("rslave", 0x100000, false)]
    public void Propagation_is_the_specs(string option, uint flag, bool isEqual) => Assert.Equal(
        isEqual,
        Find(
            mounts => mounts.At("/program")
                .Set("flags", mounts.At("/program").Number("flags") | flag)
                .Set(flag == 0x80000 ? "master_id" : "shared_id", 7),
            Replace("/program", mount => mount with { Options = ["ro", option] })).Count == 0);

    [Fact]
    public void A_cgroup_namespaces_mounts_have_no_finding()
    {
        var spec = GoldenImages.Spec;
        var own = spec with { Linux = spec.Linux! with { Namespaces = [.. spec.Linux.Namespaces!, new OciNamespace { Type = "cgroup" }] } };
        foreach (var wanted in (OciSpec[])[own, spec])
        {
            Assert.Equal(ReferenceEquals(wanted, own), Find(
                mounts =>
                {
                    mounts.All.RemoveAll(mount => mount.Text("mountpoint").StartsWith("/sys/fs/cgroup/", StringComparison.Ordinal));
                    mounts.At("/sys/fs/cgroup").Set("fstype", 23).Set("source", "cgroup").Set("options", "nsdelegate,memory_recursiveprot")
                        .Set("flags", 0x20000f);
                },
                wanted).Count == 0);
            Assert.Equal(ReferenceEquals(wanted, own), Find(
                mounts => mounts.At("/sys/fs/cgroup/cpu").Set("root", "/").Set("options", "cpu,cpuacct").Remove("ext_key"),
                wanted).Count == 0);
        }
        Assert.NotEmpty(Find(
            mounts => mounts.At("/sys/fs/cgroup/cpu").Set("root", "/").Set("options", "none,name=x,release_agent=/x").Remove("ext_key"),
            own));
    }

    internal static IReadOnlyList<Finding> Find(Action<ForgedRecords> change, OciSpec? spec = null)
    {
        var images = new GoldenImages();
        var mounts = new ForgedRecords(images, "mountpoints-");
        change(mounts);
        mounts.Write();
        return images.Verify(spec ?? GoldenImages.Spec, MountTreeImageRule.Check);
    }

    internal static OciSpec With(string capability)
    {
        var process = GoldenImages.Spec.Process!;
        var capabilities = process.Capabilities! with { Bounding = [.. process.Capabilities.Bounding!, capability] };
        return GoldenImages.Spec with { Process = process with { Capabilities = capabilities } };
    }

    private static OciSpec Replace(string destination, Func<OciMount, OciMount> change) => GoldenImages.Spec with
    {
        Mounts = [.. GoldenImages.Spec.Mounts!.Select(mount => mount.Destination == destination ? change(mount) : mount)],
    };

    private static void Add(ForgedRecords mounts, int type, string source, string options) => mounts.AddCopy(Memory)
        .Set("fstype", type).Set("root_dev", 0x70).Set("mountpoint", "/mnt").Set("source", source).Set("options", options);

    private static void AddConsole(ForgedRecords mounts) => mounts.AddCopy("/dev/pts")
        .Set("root", "/0").Set("mountpoint", "/dev/console").Set("parent_mnt_id", mounts.At("/dev").Number("mnt_id"));
}
