using System.Globalization;
using Stasis.Engine.Vetting.Images.Files;
using Xunit;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>Ghosts, link remaps and dead processes: those that programs leave behind pass, those that would reach the host don't.</summary>
public class DeletedFileTests
{
    private const uint SetUid = 0x89ED, SetGid = 0x85ED, SetGidDirectory = 0x45ED;

    [Theory]
    [InlineData("/var/log/app.log", ForgedFiles.Regular)]
    [InlineData("/var/lib/gone/deep/file", ForgedFiles.Regular)]
    [InlineData("/dev/shm/segment", ForgedFiles.Regular)]
    [InlineData("/scratch/file", ForgedFiles.Regular)]
    [InlineData("/tmp/gone", ForgedFiles.Directory)]
    [InlineData("/tmp/gone", SetGidDirectory)]
    public void Files_that_programs_delete_are_no_finding(string name, uint mode)
    {
        var forged = new ForgedFiles();
        forged.Remap(forged.Open(name, mode, ForgedFiles.ReadWrite), 77, RemapTable.Ghost);
        forged.AddGhost(77, mode);

        Assert.Empty(forged.Refused());
    }

    [Theory]
    [InlineData("/tmp/x", SetUid)]
    [InlineData("/tmp/x", SetGid)]
    [InlineData("/tmp/x", ForgedFiles.Link)]
    [InlineData("/tmp/x", ForgedFiles.Character)]
    [InlineData("/tmp/x", ForgedFiles.Block)]
    [InlineData("/tmp/x", ForgedFiles.Socket)]
    [InlineData("/proc/x", ForgedFiles.Regular, "image-path")]
    [InlineData("/sys/fs/cgroup/pids/x", ForgedFiles.Directory, "image-path")]
    [InlineData("/program/x", ForgedFiles.Regular, "image-path")] // a read-only bind
    [InlineData("/scratch", ForgedFiles.Directory, "image-path")] // a mount point
    [InlineData("/tmp/l.cr.1.ghost/evil", ForgedFiles.Regular, "image-path")]
    public void A_deleted_file_that_no_program_leaves_is_refused(string name, uint mode, string rule = "image-ghost")
    {
        var forged = new ForgedFiles();
        forged.Remap(forged.Describe(name, mode), 77, RemapTable.Ghost);
        forged.AddGhost(77, mode);

        Assert.Contains(forged.Refused(), finding => finding.Rule == rule);
    }

    [Fact]
    public void A_ghost_on_a_read_only_root_is_refused()
    {
        var spec = GoldenImages.Spec;
        var forged = new ForgedFiles { Spec = spec with { Root = spec.Root! with { Readonly = true } } };
        forged.Remap(forged.Describe("/tmp/x"), 77, RemapTable.Ghost);
        forged.AddGhost(77, ForgedFiles.Regular);

        Assert.Contains(forged.Refused(), finding => finding is { Rule: "image-path", Value: "/tmp/x" });
    }

    [Fact]
    public void A_ghost_of_another_type_than_the_open_file_is_refused()
    {
        var forged = new ForgedFiles();
        forged.Remap(forged.Describe("/tmp/x"), 77, RemapTable.Ghost);
        forged.AddGhost(77, ForgedFiles.Directory);

        Assert.Contains(forged.Refused(), finding => finding.Rule == "image-ghost");
    }

    [Fact]
    public void A_ghost_with_a_links_target_is_refused()
    {
        var forged = new ForgedFiles();
        forged.Remap(forged.Describe("/tmp/x"), 77, RemapTable.Ghost);
        forged.AddGhost(77, ForgedFiles.Regular, target: "/etc");

        Assert.Contains(forged.Refused(), finding => finding.Rule == "image-ghost");
    }

    [Theory]
    [InlineData("/tmp/a", "/tmp/link_remap.{0}", false)]
    [InlineData("/tmp/gone/a", "/tmp/link_remap.{0}", false)] // the directory was deleted, too
    [InlineData("/tmp/a", "/etc/link_remap.{0}", true)]
    [InlineData("/tmp/a", "/tmp/victim", true)]
    [InlineData("/tmp/a", "/tmp/link_remap.1", true)]
    [InlineData("/tmp/a", "/tmp/../etc/link_remap.{0}", true)]
    [InlineData("/scratch/a", "/link_remap.{0}", true)] // in another file system
    public void Other_names_of_deleted_files(string name, string other, bool isRefused)
    {
        var forged = new ForgedFiles();
        var id = forged.Describe(name, flags: ForgedFiles.ReadWrite);
        var link = forged.Describe(
            string.Format(CultureInfo.InvariantCulture, other, id + 1), mode: null, flags: 0, hasMount: false);
        forged.Remap(id, link, RemapTable.Linked);

        Assert.Equal(isRefused, forged.Refused().Any(finding => finding.Rule == "image-ghost"));
        if (!isRefused)
            Assert.Empty(forged.Refused());
    }

    [Theory]
    [InlineData("/proc/4242", 4242, false)]
    [InlineData("/proc/4242/status", 4242, false)]
    [InlineData("/proc/4242/mem", 4242, true)]
    [InlineData("/proc/4242/status", 4243, true)]
    [InlineData("/proc/1/status", 1, true)]
    [InlineData("/tmp/4242", 4242, true)]
    [InlineData("/proc/9999999/status", 9999999, true)]
    public void Files_of_dead_processes(string name, uint id, bool isRefused)
    {
        var forged = new ForgedFiles();
        var mode = name.EndsWith("42", StringComparison.Ordinal) && !isRefused ? ForgedFiles.Directory : ForgedFiles.Regular;
        forged.Remap(forged.Open(name, mode), id, RemapTable.Procfs);

        Assert.Equal(isRefused, forged.Refused().Any(finding => finding.Rule is "image-ghost" or "image-kernel-file"));
    }

    [Fact]
    public void Helpers_for_many_dead_processes_are_refused()
    {
        var forged = new ForgedFiles();
        for (var id = 5000u; id < 6100; id++)
            forged.Remap(forged.Describe($"/proc/{id}/stat"), id, RemapTable.Procfs);

        Assert.Contains(forged.Refused(), finding => finding.Rule == "image-ghost");
    }

    [Fact]
    public void A_file_that_is_deleted_twice_is_refused()
    {
        var forged = new ForgedFiles();
        var file = forged.Describe("/tmp/x");
        forged.Remap(file, 77, RemapTable.Ghost);
        forged.Remap(file, 77, RemapTable.Ghost);
        forged.AddGhost(77, ForgedFiles.Regular);

        Assert.Contains(forged.Refused(), finding => finding.Rule == "image-ghost");
    }
}
