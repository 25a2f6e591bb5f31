using Stasis.Engine.Storage;
using Stasis.Engine.Storage.Sqlite;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Storage;

public sealed class LocalArchiveDigestsTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Remembers_what_was_written_here_and_nothing_else()
    {
        using (var database = Database.Open(_temp.Layout))
        {
            var own = new LocalArchiveDigests(database);
            own.Add("sha256:1");
            own.Add("sha256:1");
        }
        using var again = Database.Open(_temp.Layout);

        Assert.True(new LocalArchiveDigests(again).Contains("sha256:1"));
        Assert.False(new LocalArchiveDigests(again).Contains("sha256:2"));
        Assert.False(new LocalArchiveDigests(again).Contains(""));
    }

    [Fact]
    public async Task A_file_is_known_as_long_as_nobody_touches_it()
    {
        using var database = Database.Open(_temp.Layout);
        var own = new LocalArchiveDigests(database);
        own.Add("sha256:1", 5);
        Assert.True(own.HasLength(5));
        Assert.False(own.HasLength(6));
        var path = _temp.File("archive", "12345");
        var status = FileStatus.Read(path);
        Assert.Null(own.FindByFile(status));
        own.Remember("sha256:1", status);
        Assert.Equal("sha256:1", own.FindByFile(status));

        await SettledAsync(status);
        File.WriteAllText(path, "54321");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddTicks(FileUnchangedCheck.Modified(status) / 100));
        Assert.Null(own.FindByFile(FileStatus.Read(path)));
    }

    [Fact]
    public async Task A_name_tells_of_the_content_if_that_is_older_than_the_name()
    {
        var path = _temp.File("archive", "12345");
        var before = FileStatus.Read(path);
        Assert.False(FileUnchangedCheck.IsUnchanged(before, before)); // written just now: it may be again, in the same tick
        Assert.True(FileUnchangedCheck.UntilSettled(before, DateTimeOffset.UtcNow) <= TimeSpan.FromMilliseconds(30));
        await SettledAsync(before);
        File.Move(path, path + ".named");
        Assert.True(FileUnchangedCheck.IsUnchanged(before, FileStatus.Read(path + ".named")));
        File.WriteAllText(path + ".named", "54321");
        Assert.False(FileUnchangedCheck.IsUnchanged(before, FileStatus.Read(path + ".named")));
    }

    // The clock that files' times are taken from has gone on.
    private static Task SettledAsync(FileStatus file) =>
        Eventually.TrueAsync(() => FileUnchangedCheck.UntilSettled(file, DateTimeOffset.UtcNow) <= TimeSpan.Zero, "the clock to go on");
}
