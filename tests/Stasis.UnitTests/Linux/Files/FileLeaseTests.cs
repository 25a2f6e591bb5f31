using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Linux.Files;

public sealed class FileLeaseTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Opening_the_file_for_writing_blocks_until_the_lease_is_released()
    {
        var path = _temp.File("archive", "as it was");
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Assert.True(FileLease.TryAcquire(file));
        Assert.False(FileLease.IsBreaking(file));

        var writing = Task.Factory.StartNew(
            () => File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite).Dispose(),
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await Eventually.TrueAsync(() => FileLease.IsBreaking(file), "the writer");
        await KernelLocks.LeaseIsWantedAsync(path);
        Assert.False(writing.IsCompleted);
        Assert.True(FileLease.Release(file));
        await writing;
        Assert.False(FileLease.Release(file)); // released already
    }

    [Fact]
    public void A_file_that_is_open_for_writing_gets_no_lease()
    {
        var path = _temp.File("archive", "as it was");
        using var writer = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Assert.False(FileLease.TryAcquire(file));
        writer.Dispose();
        Assert.True(FileLease.TryAcquire(file));
    }

    [Fact]
    public void A_lease_belongs_to_the_open_file()
    {
        var path = _temp.File("archive", "as it was");
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Assert.True(FileLease.TryAcquire(file));
        using var copy = FileDescriptors.Duplicate(file);
        file.Dispose();
        Assert.False(FileLease.IsBreaking(copy));
        Assert.True(FileLease.Release(copy));
    }

    [Fact]
    public void Disk_space_is_allocated_at_once()
    {
        var path = _temp.File("pages", "");
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        FilePreallocation.Allocate(file, 3 << 20);
        FilePreallocation.Allocate(file, 0);
        Assert.Equal(3 << 20, RandomAccess.GetLength(file));
        Assert.InRange((long)FileStatus.Read(file).Blocks * 512, 3 << 20, 4 << 20);
    }
}
