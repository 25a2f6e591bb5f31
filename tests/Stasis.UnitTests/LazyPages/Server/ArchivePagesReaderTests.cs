using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Archive;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.LazyPages.Server;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.LazyPages.Server;

public sealed class ArchivePagesReaderTests : IDisposable
{
    private static readonly byte[] Pages = RandomNumberGenerator.GetBytes(3 << 20);

    private readonly TempDirectory _temp = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task All_files_are_read_and_the_lease_is_released_then()
    {
        var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var fill = new ArchivePagesReader(new LeasedArchive(Open(lease: true)), _temp.Path);
        Assert.NotNull(fill.Find("pages-1.img"));
        Assert.Null(fill.Find("pages-3.img"));
        fill.Start(2, ended.SetResult);
        Assert.Null(await Eventually.EndsAsync(ended.Task));
        Assert.Equal(Pages, await File.ReadAllBytesAsync(Path.Combine(_temp.Path, "pages-1.img"), Token));
        Assert.Equal(Pages[..4096], await File.ReadAllBytesAsync(Path.Combine(_temp.Path, "pages-2.img"), Token));
        OpenForWriting().Dispose();
    }

    [Fact]
    public async Task An_archive_without_a_lease_fails_since_it_may_have_changed()
    {
        var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var fill = new ArchivePagesReader(new LeasedArchive(Open(lease: false)), _temp.Path);
        fill.Start(2, ended.SetResult);
        var failure = await Eventually.EndsAsync(ended.Task);
        Assert.Contains("may have been changed", failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pause_ends_by_Resume_or_by_a_waiting_writer()
    {
        foreach (var writes in (bool[])[false, true])
        {
            var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
            using var fill = new ArchivePagesReader(new LeasedArchive(Open(lease: true)), _temp.Path);
            fill.Pause();
            fill.Start(1, ended.SetResult);
            await Eventually.TrueAsync(() => IsPaused(fill), "its thread to wait");
            Assert.False(ended.Task.IsCompleted);
            Assert.All(await File.ReadAllBytesAsync(Path.Combine(_temp.Path, "pages-2.img"), Token), value => Assert.Equal(0, value));
            var writing = writes ? Task.Run(() => OpenForWriting().Dispose(), Token) : Task.CompletedTask;
            if (!writes)
                fill.Resume();
            Assert.Null(await Eventually.EndsAsync(ended.Task));
            await writing;
        }
    }

    // Pauses again each time, since a pause lasts two seconds only.
    private static bool IsPaused(ArchivePagesReader fill)
    {
        fill.Pause();
        return Directory.GetDirectories("/proc/self/task")
            .Any(task => Read(task, "stat").Contains("(backfill) S ", StringComparison.Ordinal));
    }

    private static string Read(string task, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, file));
        }
        catch (IOException)
        {
            return ""; // the thread has ended
        }
    }

    private SafeFileHandle OpenForWriting() =>
        File.OpenHandle(Path.Combine(_temp.Path, "archive"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

    private SafeFileHandle Open(bool lease)
    {
        var path = Path.Combine(_temp.Path, "archive");
        File.WriteAllBytes(Path.Combine(_temp.Path, "content"), Pages);
        using (var writer = ArchiveWriter.Create(path, CompressionFormat.Zstd))
        {
            writer.AddBytes("config.dump", "{}"u8);
            writer.AddFile("checkpoint/pages-1.img", Path.Combine(_temp.Path, "content"));
            writer.AddBytes("checkpoint/pages-2.img", Pages.AsSpan(0, 4096));
            writer.Write(_ => { }, Token);
            writer.Commit();
        }
        foreach (var (name, length) in ((string, int)[])[("pages-1.img", Pages.Length), ("pages-2.img", 4096)])
            File.WriteAllBytes(Path.Combine(_temp.Path, name), new byte[length]);
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Assert.Equal(lease, lease && FileLease.TryAcquire(file));
        return file;
    }
}
