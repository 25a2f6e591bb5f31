using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Formats.Compression;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Import;

public sealed class StagedCheckpointTests : IDisposable
{
    private readonly ImportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Archive_that_is_new_is_read_into_a_staging_folder()
    {
        using var opened = await _fixture.OpenAsync(_fixture.WriteArchive());
        Assert.IsType<StagedCheckpoint>(opened);
        Assert.StartsWith(_fixture.Engine.Layout.Staging, opened.Folder.Path, StringComparison.Ordinal);
        Assert.True(File.Exists(opened.Folder.Inventory));
        Assert.Empty(_fixture.Store.List());
    }

    [Fact]
    public async Task Commit_moves_the_files_into_the_store_under_the_archives_hash()
    {
        var path = _fixture.WriteArchive("a.tar", CompressionFormat.None, out var digest);
        using var opened = await _fixture.OpenAsync(path);
        var stored = await opened.CommitAsync(ImportFixture.Config, durable: false, ImportFixture.Token);
        Assert.Equal(digest, $"sha256:{stored.Id}");
        Assert.Equal(_fixture.Engine.Layout.Checkpoint(stored.Id), opened.Folder.Path);
        Assert.True(File.Exists(opened.Folder.Inventory));
        Assert.True(_fixture.Store.FindById(stored.Id) is { IsKept: true, ContainerName: "web" });
        Assert.Empty(_fixture.Staging());
    }

    [Fact]
    public async Task Dispose_without_a_commit_leaves_nothing()
    {
        (await _fixture.OpenAsync(_fixture.WriteArchive())).Dispose();
        Assert.Empty(_fixture.Staging());
        Assert.Empty(_fixture.Store.List());
    }

    [Fact]
    public async Task Commit_of_what_was_added_meanwhile_is_that()
    {
        var (one, two) = (_fixture.WriteArchive(), _fixture.At("b.tar"));
        File.Copy(one, two);
        using var second = await _fixture.OpenAsync(two);
        var id = await _fixture.ImportAsync(one);
        Assert.Equal(id, (await second.CommitAsync(ImportFixture.Config, durable: true, ImportFixture.Token)).Id);
        Assert.Single(_fixture.Store.List());
    }

    [Fact]
    public async Task Exclusive_checkpoint_is_not_found_by_others_and_goes_when_it_is_abandoned()
    {
        var path = _fixture.WriteArchive();
        using var opened = await _fixture.OpenAsync(path, OpenPurpose.Exclusive);
        var id = (await opened.CommitAsync(ImportFixture.Config, durable: false, ImportFixture.Token)).Id;
        Assert.True(_fixture.Store.FindById(id) is { IsKept: false });
        using (var other = await _fixture.OpenAsync(path))
            Assert.IsType<StagedCheckpoint>(other);

        opened.Abandon();
        Assert.Null(_fixture.Store.FindById(id));
        Assert.False(Directory.Exists(_fixture.Engine.Layout.Checkpoint(id)));
        Assert.Empty(_fixture.Staging());
    }

    [Fact]
    public async Task Abandoned_archive_stays_in_the_store()
    {
        using var opened = await _fixture.OpenAsync(_fixture.WriteArchive());
        var id = (await opened.CommitAsync(ImportFixture.Config, durable: false, ImportFixture.Token)).Id;
        opened.Abandon();
        Assert.NotNull(_fixture.Store.FindById(id));
    }

    [Fact]
    public async Task Archive_is_own_if_it_was_written_here()
    {
        var path = _fixture.WriteArchive("a.tar", CompressionFormat.None, out var digest);
        using (var foreign = await _fixture.OpenAsync(path))
            Assert.False(foreign.IsLocal);
        _fixture.Engine.LocalArchives.Add(digest);
        using var own = await _fixture.OpenAsync(path);
        Assert.True(own.IsLocal);
    }

    [Fact]
    public async Task Archive_from_a_stream_is_read_and_left_open()
    {
        using var stream = new MemoryStream(await File.ReadAllBytesAsync(_fixture.WriteArchive(), ImportFixture.Token));
        using var opened = await _fixture.OpenAsync(new CheckpointSource.ArchiveStream(stream));
        Assert.IsType<StagedCheckpoint>(opened);
        Assert.True(File.Exists(opened.Folder.Inventory));
        Assert.True(stream.CanRead);
    }
}
