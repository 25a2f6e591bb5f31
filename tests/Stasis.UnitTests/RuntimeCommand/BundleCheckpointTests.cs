using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeCommand;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>Which bundles name a checkpoint.</summary>
public sealed class BundleCheckpointTests
{
    [Theory]
    [InlineData("""{"mounts":[{"destination":"/proc","type":"proc"},{"source":"/a.tar","destination":"/.stasis","options":["ro"]}]}""")]
    [InlineData("""{"annotations":{"dev.stasis.checkpoint":"tag"},"mounts":[{"destination":"\/.stasis","source":"/a.tar"}]}""")]
    public void A_mount_names_one(string config) => Assert.Equal(new BundleCheckpoint("/a.tar", IsPath: true), Find(config));

    [Theory]
    [InlineData("""{"annotations":{"other":"x","dev.stasis.checkpoint":"tag"}}""")]
    [InlineData("""{"annotations":{"io.kubernetes.cri.container-type":"container","dev.stasis.checkpoint":"tag"},"mounts":null}""")]
    public void An_annotation_names_one(string config) => Assert.Equal(new BundleCheckpoint("tag", IsPath: false), Find(config));

    [Theory]
    [InlineData("a", "first")]
    [InlineData("b", "second")]
    [InlineData("c", "tag")]
    public void Annotations_of_a_pod_name_one_for_each_container(string container, string expected)
    {
        var config = $$"""
            {"annotations": {"checkpoint.stasis.dev/a": "first", "io.kubernetes.cri.container-name": "{{container}}",
            "checkpoint.stasis.dev/b": "second", "dev.stasis.checkpoint": "tag"} }
            """;
        Assert.Equal(new BundleCheckpoint(expected, IsPath: false), Find(config));
    }

    [Theory]
    [InlineData("""{"annotations":{"io.kubernetes.cri.container-type":"sandbox","checkpoint.stasis.dev/a":"first"}}""")]
    [InlineData("""{"annotations":{"checkpoint.stasis.dev/a":"first"}}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"process":{"env":["A=/.stasis"],"mounts":[{"destination":"/.stasis"}]},"mounts":[{"destination":"/.stasis/x"}]}""")]
    [InlineData("""{"linux":{"annotations":{"dev.stasis.checkpoint":"tag"}},"annotations":{}}""")]
    [InlineData("""{"annotations":{"io.kubernetes.cri-o.ContainerType":"sandbox","dev.stasis.checkpoint":"tag"}}""")]
    [InlineData("""{"mounts":[{"destination":"/.stasis","source":"/a" """)]
    public void Other_bundles_name_none(string config) => Assert.Null(Find(config));

    [Theory]
    [InlineData("""{"root":{"readonly":false,"path":"rootfs"},"annotations":{"a":"b"}}""", "rootfs")]
    [InlineData("""{"annotations":{"io.kubernetes.cri.container-type":"sandbox"},"root":{"path":"rootfs"}}""", null)]
    [InlineData("""{"root":{"path":"rootfs"},"annotations":{"io.kubernetes.cri.container-type":"sandbox"}}""", null)]
    [InlineData("""{"root":{"path":"rootfs"},"mounts":[ """, null)]
    [InlineData("""{"root":"rootfs"}""", null)]
    public void One_in_the_root_file_system_counts_unless_it_is_of_a_sandbox(string config, string? root)
    {
        Assert.Null(BundleCheckpoint.Find(Encoding.UTF8.GetBytes(config), out var found));
        Assert.Equal(root, found);
    }

    /// <summary>Whoever makes the mount could have the restore wait at a FIFO for good.</summary>
    [Fact]
    public void A_mount_of_a_FIFO_is_refused()
    {
        var fifo = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Fifo.Replace(fifo);
        try
        {
            var refused = Assert.Throws<StasisException>(
                () => new BundleCheckpoint(fifo, IsPath: true).ToSource(RuntimeSettings.Parse("{}"u8, _ => null)));

            Assert.Contains("is neither a file nor a folder", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(fifo);
        }
    }

    private static BundleCheckpoint? Find(string config) => BundleCheckpoint.Find(Encoding.UTF8.GetBytes(config), out _);
}
