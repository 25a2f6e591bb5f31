using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Engine.Storage.Sqlite;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Storage;

/// <summary>Checkpoints whose memory is still being read from their archives.</summary>
public sealed class CheckpointStoreTests : IDisposable
{
    private static readonly string Id = new('a', 64);

    private readonly TempDirectory _temp = new();
    private readonly Database _database;
    private readonly CheckpointStore _store;

    public CheckpointStoreTests()
    {
        _database = Database.Open(_temp.Layout);
        _store = new CheckpointStore(_database, _temp.Layout, new ContainerStore(_database));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _database.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public async Task One_that_is_not_whole_is_found_by_its_archive_but_not_as_one_that_was_read()
    {
        await AddAsync();
        Assert.False(_store.FindById(Id)!.IsComplete);
        Assert.False(_store.FindById(Id)!.IsKept);
        Assert.Null(_store.FindByDigest(Id));
        Assert.Equal(Id, _store.FindByArchive(Id)?.Id);
        Assert.Equal(Id, _store.FindDigestBeingRead(Id));

        _store.Complete(Id);
        Assert.True(_store.FindById(Id) is { IsComplete: true, IsKept: true, Digest: { } digest } && digest == Id);
        Assert.Equal(Id, _store.FindByDigest(Id)?.Id);
        Assert.Null(_store.FindDigestBeingRead(Id));
        _store.Complete(Id); // a second time it does nothing
    }

    [Fact]
    public async Task A_second_one_of_the_same_archive_is_the_first()
    {
        await AddAsync();
        var mark = _temp.Layout.BackfillMarker(Id);
        var written = File.GetLastWriteTimeUtc(mark);
        Assert.Equal(Id, await AddAsync());
        Assert.Equal(written, File.GetLastWriteTimeUtc(mark));
    }

    [Fact]
    public async Task Checkpoint_is_waited_for_as_long_as_somebody_reads_it()
    {
        await AddAsync();
        Assert.False(await _store.WaitUntilCompleteAsync(Id, Token));
        Assert.Contains("not complete", (await Assert.ThrowsAsync<StasisException>(() => _store.RequireCompleteAsync(Id, Token))).Message,
            StringComparison.Ordinal);

        using var reading = FileLock.TryAcquire(_temp.Layout.BackfillLock(Id))!;
        var waiting = _store.RequireCompleteAsync(Id, Token);
        await KernelLocks.WaiterAsync(_temp.Layout.BackfillLock(Id));
        Assert.False(waiting.IsCompleted);
        _store.Complete(Id);
        reading.Remove();
        reading.Dispose();
        await waiting;
        Assert.False(File.Exists(_temp.Layout.BackfillLock(Id)));
    }

    [Fact]
    public async Task Checkpoint_stays_while_it_is_being_read_and_goes_when_that_was_cut_off()
    {
        await AddAsync();
        using (await _store.AcquireAsync(Id, Token))
        {
            _store.RemoveOrphans();
            Assert.Contains("still being read", Assert.Throws<InUseException>(() => _store.Remove(Id)).Message, StringComparison.Ordinal);
        }
        _store.RemoveOrphans();
        Assert.Null(_store.FindById(Id));
        Assert.False(Directory.Exists(_temp.Layout.Checkpoint(Id)));
    }

    [Fact]
    public async Task One_that_is_just_added_is_not_taken_for_one_that_a_killed_process_has_left()
    {
        using (await _store.BeginAddingAsync(Token))
        {
            await AddAsync();
            Assert.Null(FileLock.TryAcquire(_temp.Layout.NewCheckpointsLock)); // as the next command's recovery does
        }
        FileLock.TryAcquire(_temp.Layout.NewCheckpointsLock)!.Dispose();
    }

    [Fact]
    public async Task One_that_was_only_restored_is_not_believed_after_a_reboot_unless_it_comes_again()
    {
        await AddAsync();
        _store.Complete(Id);
        _database.Execute("UPDATE checkpoints SET boot = 'an earlier one'");
        Assert.Null(_store.FindByDigest(Id));
        Assert.Null(await _store.AcquireAsync(Id, Token));
        var lost = _store.Find(Id)!;
        Assert.True(lost.MayBeLost);
        Assert.Contains("before this machine was last started",
            Assert.Throws<StasisException>(() => CheckpointStore.RequireKept(lost)).Message, StringComparison.Ordinal);
        _store.PersistAfterUse(Id);
        _store.Persist(Id);
        Assert.True(_store.Find(Id)!.MayBeLost);

        await AddAsync();
        _store.Complete(Id);
        Assert.Equal(Id, _store.FindByDigest(Id)?.Id);
        CheckpointStore.RequireKept(_store.Find(Id)!);
    }

    [Fact]
    public async Task One_that_was_only_restored_is_on_disk_when_its_container_has_ended()
    {
        await AddAsync();
        _store.PersistAfterUse(Id);
        Assert.NotNull(_store.Find(Id)!.Boot); // its memory is still being read
        _store.Complete(Id);
        _store.PersistAfterUse(Id);
        Assert.Null(_store.Find(Id)!.Boot);
    }

    private Task<string> AddAsync()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_temp.Path, Guid.NewGuid().ToString("N"))).FullName;
        File.WriteAllText(Layout.GetBackfillMarker(folder), Id);
        return _store.AddAsync(
            new StoredCheckpoint(
                Id,
                CheckpointOrigin.Archive,
                "1",
                "c",
                null,
                DateTimeOffset.UtcNow,
                DateTimeOffset.UtcNow)
            { IsComplete = false },
            folder,
            durable: false,
            Token);
    }
}
