using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.IntegrationTests.Checkpoints.Forging;
using Xunit;

namespace Stasis.IntegrationTests.Checkpoints;

/// <summary>
/// The image verifier on images of the real CRIU: as they are it finds nothing, and whatever is falsified in them, it finds by that rule.
/// </summary>
public sealed class ImageVerifierTests(RealCheckpoint real) : IClassFixture<RealCheckpoint>
{
    public static TheoryData<string> Names => [.. Forgeries.All.Keys];

    [Fact]
    public void Nothing_is_found_in_what_CRIU_wrote()
    {
        Assert.Empty(ImageVerifier.Verify(real.Folder, real.Config, real.Spec, "original").Findings);
        using var copy = new ForgedImages(real.Folder.Images);
        Assert.Empty(ImageVerifier.Verify(copy.Checkpoint, real.Config, real.Spec, "copy").Findings);
    }

    [Fact]
    public void A_checkpoint_of_everything_has_every_image_that_a_container_can_have()
    {
        using var images = new ForgedImages(real.Folder.Images);
        Assert.All(
            (string[])["ghost-file-", "ipcns-msg-", "ipcns-sem-", "ipcns-shm-", "memfd", "pagemap-shmem-", "remap-fpath", "sk-queues",
                "tty-info", "tty-data", "filelocks", "fifo-data", "pipes-data"],
            kind => Assert.NotEmpty(images.Of(kind)));
    }

    [Fact]
    public void Images_that_CRIU_does_not_open_are_ignored()
    {
        using var images = new ForgedImages(real.Folder.Images);
        // As Podman leaves them behind when it makes another checkpoint of a container.
        Copy("mm-1.img", "mm-77.img");
        Copy("core-1.img", "core-77.img");
        Copy("pagemap-1.img", "pagemap-77.img");
        Copy(images.The("pages-"), "pages-99.img");
        Copy(images.The("fdinfo-"), "fdinfo-99.img");
        Copy(images.The("ghost-file-"), "ghost-file-4d.img");
        Copy(images.The("tmpfs-dev-"), "tmpfs-dev-9999.tar.gz.img");
        Copy(images.The("utsns-"), "utsns-99.img");

        Assert.Empty(ImageVerifier.Verify(images.Checkpoint, real.Config, real.Spec, "left behind").Findings);

        void Copy(string from, string to) => File.Copy(images.PathOf(from), images.PathOf(to));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_forgery_is_found(string name)
    {
        var (rule, forge, change) = Forgeries.All[name];
        using var images = new ForgedImages(real.Folder.Images);
        forge(images);
        var findings = ImageVerifier.Verify(images.Checkpoint, real.Config, change?.Invoke(real.Spec) ?? real.Spec, "forged").Findings;
        Assert.True(findings.Any(finding => finding.Rule == rule && finding.Severity == Severity.Refused),
            $"{name}: not found by {rule}, but: {string.Join("\n", findings)}");
    }

    [Fact]
    public void There_are_forgeries_for_every_rule() =>
        Assert.Equal(
            ["image-caps", "image-cgroup", "image-creds", "image-descriptor", "image-device", "image-field", "image-file", "image-format",
                "image-ghost", "image-inventory", "image-ipc", "image-kernel-file", "image-kind", "image-lock",
                "image-lsm", "image-mapped-file", "image-mask", "image-mount", "image-namespace", "image-network", "image-nnp", "image-oom",
                "image-pages", "image-path", "image-pipe",
                "image-rlimit", "image-sched", "image-seccomp", "image-securebits",
                "image-signal", "image-socket", "image-stdio", "image-task", "image-timer", "image-tmpfs", "image-tree", "image-tty",
                "image-vma", "image-watch"],
            Forgeries.All.Values.Select(forgery => forgery.Rule).Distinct().Order(StringComparer.Ordinal));
}
