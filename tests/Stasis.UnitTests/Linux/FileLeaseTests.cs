using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Linux;

public sealed class FileLeaseTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Who_opens_the_file_for_writing_waits_until_it_is_given_back()
    {
        var path = _temp.File("archive", "as it was");
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Assert.True(FileLease.TryTake(file));
        Assert.False(FileLease.IsWanted(file));

        var writing = Task.Factory.StartNew(() => File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite).Dispose(), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Eventually.TrueAsync(() => FileLease.IsWanted(file), "the writer");
        await KernelLocks.LeaseIsWantedAsync(path);
        Assert.False(writing.IsCompleted);
        Assert.True(FileLease.GiveBack(file));
        await writing;
        Assert.False(FileLease.GiveBack(file)); // there is none any more
    }

    [Fact]
    public void A_file_that_is_open_for_writing_has_none()
    {
        var path = _temp.File("archive", "as it was");
        using var writer = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Assert.False(FileLease.TryTake(file));
        writer.Dispose();
        Assert.True(FileLease.TryTake(file));
    }

    [Fact]
    public void It_belongs_to_the_open_file()
    {
        var path = _temp.File("archive", "as it was");
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Assert.True(FileLease.TryTake(file));
        using var copy = FileHandles.Duplicate(file);
        file.Dispose();
        Assert.False(FileLease.IsWanted(copy));
        Assert.True(FileLease.GiveBack(copy));
    }

    [Fact]
    public void Room_is_made_at_once()
    {
        var path = _temp.File("pages", "");
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        FilePreallocation.Allocate(file, 3 << 20);
        FilePreallocation.Allocate(file, 0);
        Assert.Equal(3 << 20, RandomAccess.GetLength(file));
        Assert.InRange((long)FileStatus.Read(file).Blocks * 512, 3 << 20, 4 << 20);
    }
}
