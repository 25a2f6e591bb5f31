using Stasis.Engine.Vetting.Images.Files;
using Xunit;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>
/// Paths in images: what the kernel never reports of an open file is refused, and what ordinary programs have open is not.
/// </summary>
public class PathTests
{
    [Theory]
    [InlineData("/etc/passwd", ForgedFiles.Regular, ForgedFiles.ReadOnly)]
    [InlineData("/var/log/caf\u00e9 (deleted)", ForgedFiles.Regular, ForgedFiles.ReadWrite)]
    [InlineData("/", ForgedFiles.Directory, ForgedFiles.ReadOnly)]
    [InlineData("/proc", ForgedFiles.Directory, ForgedFiles.ReadOnly)]
    [InlineData("/sys", ForgedFiles.Directory, ForgedFiles.ReadOnly)]
    [InlineData("/proc/1", ForgedFiles.Directory, ForgedFiles.ReadOnly)]
    [InlineData("/proc/1/", ForgedFiles.Directory, ForgedFiles.ReadOnly)] // as CRIU 4.2.1 writes it
    [InlineData("/proc/1/fd", ForgedFiles.Directory, ForgedFiles.ReadOnly)]
    [InlineData("/proc/1/task", ForgedFiles.Directory, ForgedFiles.ReadOnly)]
    [InlineData("/proc/1/stat", ForgedFiles.Regular, ForgedFiles.ReadOnly)]
    [InlineData("/proc/1/mem", ForgedFiles.Regular, ForgedFiles.ReadWrite)]
    [InlineData("/proc/1/task/1/comm", ForgedFiles.Regular, ForgedFiles.ReadWrite)]
    [InlineData("/proc/1/oom_score_adj", ForgedFiles.Regular, ForgedFiles.ReadWrite)]
    [InlineData("/proc/1/mountinfo", ForgedFiles.Regular, ForgedFiles.ReadOnly)]
    [InlineData("/proc/1/net/tcp", ForgedFiles.Regular, ForgedFiles.ReadOnly)]
    [InlineData("/proc/meminfo", ForgedFiles.Regular, ForgedFiles.ReadOnly)]
    [InlineData("/proc/pressure/cpu", ForgedFiles.Regular, ForgedFiles.ReadOnly)]
    [InlineData("/proc/sys/kernel/ostype", ForgedFiles.Regular, ForgedFiles.ReadOnly)]
    [InlineData("/sys/devices/system/cpu/online", ForgedFiles.Regular, ForgedFiles.ReadOnly)]
    [InlineData("/sys/kernel/mm/transparent_hugepage/enabled", ForgedFiles.Regular, ForgedFiles.ReadOnly)]
    [InlineData("/sys/class/net", ForgedFiles.Directory, ForgedFiles.ReadOnly)]
    [InlineData("/tmp/link", ForgedFiles.Link, 0x228000u)] // O_PATH | O_NOFOLLOW
    public void Files_of_ordinary_programs_are_no_finding(string name, uint mode, uint flags)
    {
        var forged = new ForgedFiles();
        forged.Open(name, mode, flags);

        Assert.Empty(forged.Refused());
    }

    [Theory]
    [InlineData("/proc/kmsg")]
    [InlineData("/proc/kallsyms")]
    [InlineData("/proc/modules")]
    [InlineData("/proc/iomem")]
    [InlineData("/proc/ioports")]
    [InlineData("/proc/sysrq-trigger", ForgedFiles.Regular, ForgedFiles.ReadWrite)]
    [InlineData("/proc/self/exe")]
    [InlineData("/proc/self/fd/3")]
    [InlineData("/proc/thread-self/root/etc/shadow")]
    [InlineData("/proc/1/exe")]
    [InlineData("/proc/1/root", ForgedFiles.Directory)]
    [InlineData("/proc/1/root/etc/shadow")]
    [InlineData("/proc/1/cwd/x")]
    [InlineData("/proc/1/fd/3")]
    [InlineData("/proc/1/fd/3/x")]
    [InlineData("/proc/1/map_files/1000-2000")]
    [InlineData("/proc/1/ns/mnt")]
    [InlineData("/proc/1/pagemap")]
    [InlineData("/proc/1/stack")]
    [InlineData("/proc/1/uid_map", ForgedFiles.Regular, ForgedFiles.ReadWrite)]
    [InlineData("/proc/1/task/1/root/etc/shadow")]
    [InlineData("/proc/1/task/9999/stat")]
    [InlineData("/proc/01/stat")]
    [InlineData("/proc/9999/stat")]
    [InlineData("/proc/4294967297/stat")]
    [InlineData("/proc/meminfo", ForgedFiles.Regular, ForgedFiles.ReadWrite)]
    [InlineData("/proc/sys/kernel/core_pattern", ForgedFiles.Regular, ForgedFiles.ReadWrite)]
    [InlineData("/sys/kernel/mm/ksm/run", ForgedFiles.Regular, ForgedFiles.ReadWrite)]
    [InlineData("/sys/module/overlay/sections/.text")]
    [InlineData("/sys/devices/pci0000:00/0000:00:00.0/config")]
    [InlineData("/sys/devices/pci0000:00/0000:00:00.0/resource0")]
    [InlineData("/sys/devices/system/cpu/cpu0/crash_notes")]
    [InlineData("/dev/pts/../kmsg", ForgedFiles.Character, ForgedFiles.ReadOnly, "image-path")]
    [InlineData("/dev/pts/x", ForgedFiles.Character)]
    [InlineData("/../etc/shadow", ForgedFiles.Regular, ForgedFiles.ReadOnly, "image-path")]
    [InlineData("/etc//shadow", ForgedFiles.Regular, ForgedFiles.ReadOnly, "image-path")]
    [InlineData("/etc/./shadow", ForgedFiles.Regular, ForgedFiles.ReadOnly, "image-path")]
    [InlineData("/tmp/l.cr.1.ghost/evil", ForgedFiles.Regular, ForgedFiles.ReadOnly, "image-path")]
    [InlineData("/tmp/link_remap.7", ForgedFiles.Regular, ForgedFiles.ReadOnly, "image-path")]
    [InlineData("/tmp/a.cr_link", ForgedFiles.Regular, ForgedFiles.ReadOnly, "image-path")]
    [InlineData("/tmp/x", ForgedFiles.Link, ForgedFiles.ReadOnly, "image-file")]
    [InlineData("/tmp/x", ForgedFiles.Socket, ForgedFiles.ReadOnly, "image-file")]
    [InlineData("/tmp/x", ForgedFiles.Fifo, ForgedFiles.ReadOnly, "image-descriptor")]
    [InlineData("/tmp/x", ForgedFiles.Regular, 0x8042u, "image-file")] // O_CREAT
    [InlineData("/tmp/x", ForgedFiles.Regular, 0x8202u, "image-file")] // O_TRUNC
    [InlineData("/dev/sda", ForgedFiles.Block, ForgedFiles.ReadOnly, "image-device")]
    [InlineData("/scratch/missing", ForgedFiles.Regular, ForgedFiles.ReadOnly, "image-path")] // a tmpfs, whose content is in the images
    public void A_path_that_leads_elsewhere_is_refused(
        string name, uint mode = ForgedFiles.Regular, uint flags = ForgedFiles.ReadOnly, string rule = "image-kernel-file")
    {
        var forged = new ForgedFiles();
        forged.Open(name, mode, flags);

        Assert.Contains(forged.Refused(), finding => finding.Rule == rule && (finding.Allow is null || rule == "image-device"));
    }

    [Fact]
    public void A_file_of_the_kernels_that_holds_no_secret_can_be_allowed()
    {
        var forged = new ForgedFiles();
        forged.Open("/proc/driver/rtc");

        Assert.Equal("image-kernel-file:/proc/driver/rtc", Assert.Single(forged.Refused()).Allow);
    }

    [Fact]
    public void File_that_needs_a_capability_is_allowed_to_its_holder()
    {
        var spec = GoldenImages.Spec;
        var process = spec.Process!;
        var capabilities = process.Capabilities!;
        var forged = new ForgedFiles
        {
            Spec = spec with
            {
                Process = process with
                {
                    Capabilities = capabilities with { Bounding = [.. capabilities.Bounding!, "CAP_SYSLOG"] },
                },
            },
        };
        forged.Open("/proc/kmsg");

        Assert.DoesNotContain(forged.Refused(), finding => finding.Rule == "image-kernel-file");
    }

    [Fact]
    public void Memory_of_another_process_is_refused()
    {
        var forged = new ForgedFiles();
        forged.Open("/proc/6/mem", ForgedFiles.Regular, ForgedFiles.ReadWrite);

        Assert.Contains(forged.Refused(), finding => finding.Rule == "image-descriptor");
    }

    [Fact]
    public void A_file_in_another_mount_than_the_one_that_covers_it_is_refused()
    {
        var forged = new ForgedFiles();
        forged.Open("/proc/1/stat", mount: forged.Mounts.Covering("/")!.Id);

        Assert.Contains(forged.Refused(), finding => finding.Rule == "image-path");
    }

    [Fact]
    public void A_root_directory_in_the_kernels_file_systems_is_refused()
    {
        var forged = new ForgedFiles();
        var root = forged.Describe("/proc", ForgedFiles.Directory);
        forged.Edit("fs-1.img", node => node.Set("root_id", root));

        Assert.Contains(forged.Refused(), finding => finding.Rule == "image-descriptor");
    }

    [Theory]
    [InlineData("/run/app.sock", null, false)]
    [InlineData("//run/./app.sock", null, false)]
    [InlineData("app.sock", "/run", false)]
    [InlineData("app.sock", "/", false)]
    [InlineData("/run/gone/app.sock", null, true)]
    public void Names_of_ordinary_sockets_are_no_finding(string name, string? folder, bool isDeleted)
    {
        var forged = new ForgedFiles();
        forged.Bind(name, folder, isDeleted);

        Assert.Empty(forged.Refused());
    }

    [Theory]
    [InlineData("/proc/1/root/run/x", null, "image-path")]
    [InlineData("x", "/proc/1/root/run", "image-path")]
    [InlineData("x", "/proc/self/cwd", "image-path")]
    [InlineData("x", "/run/..", "image-socket")]
    [InlineData("../x", "/run", "image-socket")]
    [InlineData("/run/../../x", null, "image-socket")]
    [InlineData("/x", "/run", "image-socket")]
    [InlineData("x", null, "image-socket")]
    [InlineData("///", null, "image-socket")]
    [InlineData("x", "/program", "image-path")] // a read-only bind
    [InlineData("/run/a.cr.1.ghost/x", null, "image-path")]
    public void A_socket_elsewhere_is_refused(string name, string? folder, string rule)
    {
        var forged = new ForgedFiles();
        forged.Bind(name, folder);

        Assert.Contains(forged.Refused(), finding => finding.Rule == rule);
    }

    [Fact]
    public void A_setuid_socket_is_refused()
    {
        var forged = new ForgedFiles();
        forged.Bind("/run/x", mode: 0xC9ED);

        Assert.Contains(forged.Refused(), finding => finding.Rule == "image-socket");
    }

    [Fact]
    public void A_watch_by_number_where_a_bind_shows_the_same_disk_is_refused()
    {
        var forged = new ForgedFiles();
        var disk = forged.Mounts.Covering("/program/x")!.Device;
        forged.EditMount("/scratch", node => node.Set("root_dev", disk));
        forged.Watch(null, disk);

        Assert.Contains(forged.Refused(), finding => finding.Rule == "image-watch");
    }

    [Theory]
    [InlineData("/etc", null)]
    [InlineData("/./app/conf", null)]
    [InlineData("/.", null)]
    [InlineData("/./..", "image-path")]
    [InlineData("/./.", "image-path")]
    [InlineData("/dev/shm", null)]
    [InlineData("/proc/1/root/etc", "image-kernel-file")]
    [InlineData("/proc/self/cwd", "image-kernel-file")]
    [InlineData("/../etc", "image-path")]
    public void Watched_paths(string path, string? rule)
    {
        var forged = new ForgedFiles();
        forged.Watch(path, forged.Mounts.Covering("/")!.Device);

        Assert.Equal(rule, forged.Refused() is [var first, ..] ? first.Rule : null);
    }

    [Fact]
    public void More_paths_than_a_checkpoint_has_are_refused()
    {
        var list = new ImagePathList(null!);
        var path = new ImagePathField
        {
            Image = "",
            Index = 0,
            Field = "",
            Bytes = "/a/b"u8.ToArray(),
            Use = PathUse.Open,
            Mounts = new MountPointIndex([]),
        };
        for (var count = 0; count < ImagePathList.MaxPaths; count++)
            Assert.True(list.TryAdd(path));

        Assert.False(list.TryAdd(path));
        Assert.False(new ImagePathList(null!).TryAdd(path with { Bytes = [.. Enumerable.Repeat((byte)'/', ImagePathList.MaxNames + 1)] }));
    }
}
