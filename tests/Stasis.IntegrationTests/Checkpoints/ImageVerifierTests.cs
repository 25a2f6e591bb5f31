using System.Diagnostics;
using Stasis.Engine.Checkpoints.ImageVerification;
using Stasis.Engine.Checkpoints.ImportPolicy;
using Stasis.Engine.Criu.Images;
using Stasis.IntegrationTests.Checkpoints.Forging;
using Xunit;

namespace Stasis.IntegrationTests.Checkpoints;

/// <summary>The image verifier on images of the real CRIU: as they are it finds nothing, and whatever is falsified in them, it finds by that rule.</summary>
public sealed class ImageVerifierTests(RealCheckpoint real) : IClassFixture<RealCheckpoint>
{
    public static TheoryData<string> Names => [.. Forgeries.All.Keys];

    [Fact]
    public void Nothing_is_found_in_what_CRIU_wrote()
    {
        Assert.Empty(ImageVerifier.Verify(real.Folder, real.Config, real.Spec, "original"));
        using var copy = new ForgedImages(real.Folder.Images);
        Assert.Empty(ImageVerifier.Verify(copy.Checkpoint, real.Config, real.Spec, "copy"));
    }

    [Fact]
    public void A_checkpoint_of_everything_has_every_image_that_a_container_can_have()
    {
        using var images = new ForgedImages(real.Folder.Images);
        Assert.All((string[])["ghost-file-", "ipcns-msg-", "ipcns-sem-", "ipcns-shm-", "memfd", "pagemap-shmem-", "remap-fpath", "sk-queues", "tty-info", "tty-data", "filelocks", "fifo-data", "pipes-data"],
            kind => Assert.NotEmpty(images.Of(kind)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_forgery_is_found(string name)
    {
        var (rule, forge, change) = Forgeries.All[name];
        using var images = new ForgedImages(real.Folder.Images);
        forge(images);
        var findings = ImageVerifier.Verify(images.Checkpoint, real.Config, change?.Invoke(real.Spec) ?? real.Spec, "forged");
        Assert.True(findings.Any(finding => finding.Rule == rule && finding.Severity == Severity.Refused), $"{name}: not found by {rule}, but: {string.Join("\n", findings)}");
    }

    // The worst that memory can be: no two of its pages side by side.
    [Fact]
    public void A_GiB_in_single_pages_is_looked_through_in_a_moment()
    {
        const int Pages = 1 << 18;
        const ulong Start = 0x10000000000;
        using var images = new ForgedImages(real.Folder.Images);
        images.Edit("mm-1.img", memory =>
        {
            var last = Enumerable.Range(0, memory.Count("vmas")).First(i => memory.Number($"vmas[{i}].start") > Start);
            var mapping = ImageNode.Parse(memory.Child($"vmas[{last}]").ToBytes(), ImageSchema.Message("vma_entry"));
            memory.Insert($"vmas[{last}]", mapping.Set("start", Start).Set("end", Start + (Pages * 8192UL)).Set("status", 0x201).Set("shmid", 0).Set("flags", 0x22).Set("prot", 3));
        });
        var map = images.Records("pagemap-1.img");
        var gigabyte = Enumerable.Range(0, Pages).Select(i => new ImageNode(ImageSchema.Message("pagemap_entry")).Set("vaddr", Start + ((ulong)i * 8192)).Set("compat_nr_pages", 1).Set("flags", 4));
        images.Make("pagemap-1.img", [map[0], .. map.Skip(1).Where(run => run.Number("vaddr") < Start), .. gigabyte, .. map.Skip(1).Where(run => run.Number("vaddr") > Start)]);
        using (var pages = File.OpenWrite(images.PathOf($"pages-{map[0].Number("pages_id")}.img")))
            pages.SetLength(pages.Length + (Pages * 4096L));
        var watch = Stopwatch.StartNew();
        Assert.Empty(ImageVerifier.Verify(images.Checkpoint, real.Config, real.Spec, "gigabyte"));
        TestContext.Current.TestOutputHelper!.WriteLine($"{watch.ElapsedMilliseconds} ms");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void There_are_forgeries_for_every_rule() =>
        Assert.Equal(
            ["image-caps", "image-cgroup", "image-creds", "image-descriptor", "image-device", "image-field", "image-file", "image-format", "image-ghost", "image-inventory", "image-ipc", "image-kind", "image-lock",
                "image-lsm", "image-mask", "image-mount", "image-namespace", "image-network", "image-nnp", "image-oom", "image-pages", "image-rlimit", "image-sched", "image-seccomp", "image-securebits",
                "image-signal", "image-socket", "image-stdio", "image-task", "image-timer", "image-tmpfs", "image-tree", "image-tty", "image-vma", "image-watch"],
            Forgeries.All.Values.Select(forgery => forgery.Rule).Distinct().Order(StringComparer.Ordinal));
}
