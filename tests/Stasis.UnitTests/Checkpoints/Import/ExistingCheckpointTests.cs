using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Import;

public sealed class ExistingCheckpointTests : IDisposable
{
    private readonly ImportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Archive_that_is_unchanged_is_found_in_the_store()
    {
        var path = _fixture.WriteArchive();
        var id = await _fixture.ImportAsync(path);
        using var found = await _fixture.OpenAsync(path);
        Assert.IsType<ExistingCheckpoint>(found);
        Assert.Equal(_fixture.Engine.Layout.Checkpoint(id), found.Folder.Path);
        Assert.Equal(id, (await found.CommitAsync(ImportFixture.Config, durable: true, ImportFixture.Token)).Id);
    }

    [Fact]
    public async Task Archive_that_has_changed_is_read()
    {
        var path = _fixture.WriteArchive();
        await _fixture.ImportAsync(path);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
        using var opened = await _fixture.OpenAsync(path);
        Assert.IsType<StagedCheckpoint>(opened);
    }

    [Fact]
    public async Task Checkpoint_is_found_by_its_id_and_can_not_be_removed_while_it_is_open()
    {
        var id = await _fixture.ImportAsync(_fixture.WriteArchive());
        var found = await _fixture.OpenAsync(new CheckpointSource.InStore(id[..12]));
        Assert.Throws<InUseException>(() => _fixture.Store.Remove(id));
        found.Dispose();
        _fixture.Store.Remove(id);
        await Assert.ThrowsAsync<NotFoundException>(() => _fixture.OpenAsync(new CheckpointSource.InStore(id)));
    }

    [Fact]
    public async Task Checkpoint_is_own_if_its_archive_was_written_here()
    {
        var path = _fixture.WriteArchive("a.tar", CompressionFormat.None, out var digest);
        await _fixture.ImportAsync(path);
        using var found = await _fixture.OpenAsync(path);
        Assert.False(found.IsLocal);
        _fixture.Engine.LocalArchives.Add(digest);
        Assert.True(found.IsLocal);
    }

    [Fact]
    public async Task Abandoned_checkpoint_of_an_archive_stays_and_one_of_a_container_goes()
    {
        var id = await _fixture.ImportAsync(_fixture.WriteArchive());
        (await _fixture.OpenAsync(new CheckpointSource.InStore(id))).Abandon();
        Assert.NotNull(_fixture.Store.FindById(id));

        var own = await AddAsync(CheckpointOrigin.Container, isComplete: true);
        (await _fixture.OpenAsync(new CheckpointSource.InStore(own))).Abandon();
        Assert.Null(_fixture.Store.FindById(own));
    }

    [Fact]
    public async Task Checkpoint_that_nobody_completes_is_not_usable()
    {
        var id = await AddAsync(CheckpointOrigin.Archive, isComplete: false);
        using var held = await CheckpointLease.TryAcquireAsync(_fixture.Engine, id, ImportFixture.Token);
        foreach (var mode in (OpenPurpose[])[OpenPurpose.Complete, OpenPurpose.Lazy])
            Assert.Null(await TryCreateAsync(held!, mode));
        Assert.False(File.Exists(_fixture.Engine.Layout.BackfillLock(id)));
    }

    [Fact]
    public async Task Checkpoint_that_another_process_completes_is_usable_for_a_lazy_restore()
    {
        var id = await AddAsync(CheckpointOrigin.Archive, isComplete: false);
        using var filling = FileLock.TryAcquire(_fixture.Engine.Layout.BackfillLock(id));
        using var held = await CheckpointLease.TryAcquireAsync(_fixture.Engine, id, ImportFixture.Token);
        using var found = await TryCreateAsync(held!, OpenPurpose.LazyIfLarge);
        Assert.True(found is { HasPendingPages: false });
    }

    private Task<ExistingCheckpoint?> TryCreateAsync(CheckpointLease held, OpenPurpose mode) => ExistingCheckpoint.TryCreateAsync(
        _fixture.Engine, new CheckpointSource.InStore(held.Id), held, mode, openArchive: () => null, ImportFixture.Token);

    private async Task<string> AddAsync(CheckpointOrigin origin, bool isComplete)
    {
        var (id, folder, now) = (new string('e', 64), Directory.CreateDirectory(_fixture.At("folder")).FullName, DateTimeOffset.UtcNow);
        if (!isComplete)
            await File.WriteAllTextAsync(Layout.GetBackfillMarker(folder), id, ImportFixture.Token);
        var entry = new StoredCheckpoint(id, origin, ImportFixture.Config.Id, "web", null, now, now) { IsComplete = isComplete };
        return await _fixture.Store.AddAsync(entry, folder, durable: false, ImportFixture.Token);
    }
}
