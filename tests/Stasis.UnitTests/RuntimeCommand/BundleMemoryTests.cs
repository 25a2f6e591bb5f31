using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeCommand;
using Stasis.Engine.RuntimeSpec;
using Stasis.UnitTests.LazyPages.Memory;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>The memory of a checkpoint beside the limit of a bundle.</summary>
public sealed class BundleMemoryTests : IDisposable
{
    private const int Page = 4096;

    private readonly TempDirectory _directory = new();

    private CheckpointEntryPaths Checkpoint => new(_directory.Path);

    public BundleMemoryTests() => Directory.CreateDirectory(Checkpoint.Images);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_process_that_exceeds_the_limit_is_refused()
    {
        Write(1, pages: 1000);
        Write(2, pages: 3000);
        var memory = BundleMemory.Read(Checkpoint);

        var refused = Assert.Throws<StasisException>(() => memory.RequireWithinLimit(Limited((3000 * Page) - 1), "a"));

        Assert.Equal("a: a process has 13 MB of memory, and the container is limited to 13 MB", refused.Message);
        memory.RequireWithinLimit(Limited(3000 * Page), "a"); // how much of the two is shared isn't known
        memory.RequireWithinLimit(Limited(null), "a");
        memory.RequireWithinLimit(Limited(-1), "a");
    }

    [Fact]
    public void Without_processes_nothing_exceeds_it() => BundleMemory.Read(Checkpoint).RequireWithinLimit(Limited(1), "a");

    [Fact]
    public void A_little_memory_is_loaded_before_the_container_runs()
    {
        Write(1, pages: 10);

        Assert.False(BundleMemory.Read(Checkpoint).IsOnDemand(Limited(null)));
    }

    private void Write(int task, uint pages) => PagemapImages.Write(
        Checkpoint.Images, task, (uint)task, [PagemapImages.Entry(0x10000, pages, PagemapImages.Present)]);

    private static OciSpec Limited(long? bytes) => new()
    {
        Linux = new OciLinux { Resources = new OciResources { Memory = new OciMemory { Limit = bytes } } },
    };
}
