using Stasis.Engine.Checkpoints.Import;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Import;

public sealed class ArchiveFileLockTests : IDisposable
{
    private readonly ImportFixture _fixture = new();
    private readonly FileStatus _file;

    public ArchiveFileLockTests() => _file = FileStatus.Read(_fixture.WriteArchive());

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Second_claim_on_a_file_waits_for_the_first()
    {
        var first = await ClaimAsync();
        var second = ClaimAsync();
        Assert.False(second.IsCompleted);
        first.Dispose();
        first.Dispose(); // the lock's file is the second's by now
        using var claim = await second;
        Assert.True(File.Exists(_fixture.Engine.Layout.ArchiveLock(_file.ContainingDevice, _file.Inode)));
    }

    [Fact]
    public async Task File_is_recorded_unless_it_changed_or_is_to_be_forgotten()
    {
        var id = await _fixture.ImportAsync(_fixture.WriteArchive("other.tar"));
        using var claim = await ClaimAsync();
        claim.ForgetIfChanged(_file, DateTimeOffset.UtcNow);
        claim.Record(_fixture.Store, id);
        Assert.Equal(id, _fixture.Store.FindByFile(_file)?.Id);
    }

    [Fact]
    public async Task File_that_changed_while_it_was_read_is_not_recorded()
    {
        var id = await _fixture.ImportAsync(_fixture.WriteArchive("other.tar"));
        using (var claim = await ClaimAsync())
        {
            claim.ForgetIfChanged(FileStatus.Read(_fixture.At("other.tar")), DateTimeOffset.UtcNow);
            claim.Record(_fixture.Store, id);
        }
        using (var claim = await ClaimAsync())
        {
            claim.Forget();
            claim.Record(_fixture.Store, id);
        }
        Assert.Null(_fixture.Store.FindByFile(_file));
    }

    private Task<ArchiveFileLock> ClaimAsync() => ArchiveFileLock.AcquireAsync(_fixture.Engine, _file, ImportFixture.Token);
}
