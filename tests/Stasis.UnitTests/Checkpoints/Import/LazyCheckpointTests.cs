using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Common;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Storage;
using Stasis.Linux;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Import;

/// <summary>What comes before a page server is started, and where none is; the rest needs processes whose memory it supplies.</summary>
public sealed class LazyCheckpointTests : IDisposable
{
    private readonly ImportFixture _fixture = new();
    private readonly string _path;
    private readonly string _digest;

    public LazyCheckpointTests()
    {
        _path = _fixture.WriteArchive("a.tar.zst", CompressionFormat.Zstd, out _digest);
        _fixture.Engine.LocalArchives.Add(_digest, new FileInfo(_path).Length);
    }

    private string ArchiveId => Digests.Hex(_digest);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Dispose_without_a_commit_leaves_nothing_and_lets_the_archive_be_written_to()
    {
        using (var file = OpenArchive())
        using (var streamed = await CreateAsync(file))
        {
            Assert.True(streamed.IsLocal);
            Assert.StartsWith(_fixture.Engine.Layout.Staging, streamed.Folder.Path, StringComparison.Ordinal);
        }
        Assert.Empty(_fixture.Staging());
        Assert.Empty(_fixture.Store.List());
        using var writer = File.OpenHandle(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
    }

    [Fact]
    public async Task Commit_of_an_archive_that_was_read_meanwhile_is_that_and_starts_no_page_server()
    {
        var complete = new string('d', 64);
        var (folder, now) = (Directory.CreateDirectory(_fixture.At("folder")).FullName, DateTimeOffset.UtcNow);
        var config = ImportFixture.Config;
        var entry = new StoredCheckpoint(complete, CheckpointOrigin.Archive, config.Id, config.Name, null, now, now) { Digest = ArchiveId };
        using var file = OpenArchive();
        using var streamed = await CreateAsync(file);
        await _fixture.Store.AddAsync(entry, folder, durable: false, ImportFixture.Token);

        Assert.Equal(complete, (await streamed.CommitAsync(ImportFixture.Config, durable: false, ImportFixture.Token)).Id);
        Assert.False(File.Exists(_fixture.Engine.Layout.BackfillLock(complete)));
        Assert.False(File.Exists(_fixture.Engine.Layout.BackfillLock(ArchiveId)));
        Assert.Single(_fixture.Store.List());
    }

    private SafeFileHandle OpenArchive() => File.OpenHandle(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    private async Task<LazyCheckpoint> CreateAsync(SafeFileHandle file)
    {
        Assert.SkipUnless(KernelFeatures.HasUserFaultFd(), "without userfaultfd(2) no archive is streamed");
        var archive = LazyPagesArchive.TryOpen(_fixture.Engine, _path, file, asked: true);
        Assert.NotNull(archive);
        var staging = StagingFolder.Create(_fixture.Engine.Layout);
        Directory.CreateDirectory(StagedCheckpoint.FolderIn(staging).Path);
        var claim = await ArchiveFileLock.AcquireAsync(_fixture.Engine, FileStatus.Read(file), ImportFixture.Token);
        return new LazyCheckpoint(
            _fixture.Engine, new CheckpointSource.ArchiveFile(_path), staging,
                CheckpointProvenance.FromStreamedArchive(_digest), claim, archive);
    }
}
