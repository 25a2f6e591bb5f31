using Stasis.Engine;
using Stasis.Engine.Containers;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Storage;

public sealed class VolumeTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly StasisEngine _engine;

    public VolumeTests() => _engine = new StasisEngine(new EngineOptions { Root = _temp.Layout.Root, RunRoot = _temp.Layout.RunRoot });

    public void Dispose()
    {
        _engine.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public void Made_once_it_stays()
    {
        Assert.False(_engine.Volumes.Exists("data"));
        var path = _engine.Volumes.Ensure("data");
        Assert.Equal(path, _engine.Volumes.Ensure("data"));
        Assert.True(Directory.Exists(path));
        Assert.Equal(["data"], _engine.Volumes.List().Select(volume => volume.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("-a")]
    [InlineData("a\n")]
    public void A_name_that_could_be_a_path_is_refused(string name) =>
        Assert.Throws<InvalidRequestException>(() => _engine.Volumes.Ensure(name));

    [Fact]
    public void One_that_cannot_be_recorded_leaves_no_folder()
    {
        _engine.Volumes.Ensure("data");
        _engine.Database.Execute("CREATE TRIGGER full BEFORE INSERT ON volumes BEGIN SELECT RAISE(ABORT, 'full'); END");
        Assert.ThrowsAny<StasisException>(() => _engine.Volumes.Create("more"));
        Assert.Equal([_engine.Layout.Volume("data")], Directory.GetDirectories(_engine.Layout.Volumes).Select(path => path + "/_data"));
    }

    [Fact]
    public async Task Files_that_a_crash_has_left_without_their_volume_are_removed_at_the_first_command_after_it()
    {
        _engine.Volumes.Ensure("data");
        var (volume, container) = (_engine.Layout.Volume("left"), _engine.Layout.Container(new string('c', 64)).Upper);
        Directory.CreateDirectory(volume);
        Directory.CreateDirectory(container);
        await _engine.RecoverAsync(TestContext.Current.CancellationToken);
        Assert.False(Directory.Exists(Path.GetDirectoryName(volume)));
        Assert.False(Directory.Exists(Path.GetDirectoryName(container)));
        Assert.True(Directory.Exists(_engine.Layout.Volume("data")));

        Directory.CreateDirectory(volume); // it looks once in a boot
        await _engine.RecoverAsync(TestContext.Current.CancellationToken);
        Assert.True(Directory.Exists(volume));
        File.WriteAllText(_engine.Layout.BootMark, "another");
        await _engine.RecoverAsync(TestContext.Current.CancellationToken);
        Assert.False(Directory.Exists(volume));
    }

    [Fact]
    public void Used_it_cannot_be_removed()
    {
        _engine.Volumes.Ensure("data");
        _engine.ContainerStore.Insert(ContainerStoreTests.Make("web", 'a', null, "data"));
        Assert.Contains("web", Assert.Throws<InUseException>(() => _engine.Volumes.Remove("data")).Message, StringComparison.Ordinal);
        _engine.ContainerStore.Delete(new string('a', 64));
        _engine.Volumes.Remove("data");
        Assert.False(Directory.Exists(Path.GetDirectoryName(_engine.Layout.Volume("data"))));
        Assert.Throws<NotFoundException>(() => _engine.Volumes.Remove("data"));
    }

    [Fact]
    public void An_anonymous_one_goes_with_its_last_user()
    {
        _engine.Volumes.Ensure("named");
        _engine.Volumes.Ensure("anonymous", anonymous: true);
        var (one, two) = (ContainerStoreTests.Make("one", 'a', null, "named", "anonymous"),
            ContainerStoreTests.Make("two", 'b', null, "anonymous"));
        _engine.ContainerStore.Insert(one);
        _engine.ContainerStore.Insert(two);

        Remove(one);
        Assert.Equal(["anonymous", "named"], _engine.Volumes.List().Select(volume => volume.Name));

        Remove(two);
        Assert.Equal(["named"], _engine.Volumes.List().Select(volume => volume.Name));
        Assert.Equal([_engine.Layout.Volume("named")], Directory.GetDirectories(_engine.Layout.Volumes).Select(path => path + "/_data"));

        void Remove(Container container)
        {
            var held = FileLock.TryAcquire(_engine.Layout.ContainerLock(container.Id))!;
            using var locked = new LockedContainer(_engine, container, held);
            locked.DeleteWithVolumes([.. container.Config.NamedVolumes!.Select(volume => volume.Name)], onlyAnonymous: true);
        }
    }

    [Fact]
    public void Volume_keeps_its_options_and_labels()
    {
        var made = _engine.Volumes.Create("data", new Dictionary<string, string> { ["use"] = "test", ["empty"] = "" });
        var found = Assert.Single(_engine.Volumes.List());
        Assert.Equal(("data", made.Path, false), (found.Name, found.Path, found.IsAnonymous));
        Assert.Equal([KeyValuePair.Create("use", "test"), KeyValuePair.Create("empty", "")], found.Labels);
        Assert.InRange(found.CreatedAt, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
        Assert.Throws<InUseException>(() => _engine.Volumes.Create("data"));
    }

    [Fact]
    public void Without_a_name_it_gets_a_random_one() => Assert.Matches("^[0-9a-f]{64}$", _engine.Volumes.Create().Name);

    [Fact]
    public void Volume_is_found_by_a_unique_beginning_of_its_name()
    {
        foreach (var name in (string[])["data", "data_1", "other%"[..5]])
            _engine.Volumes.Create(name);
        Assert.Equal("data", _engine.Volumes.Get("data").Name);
        Assert.Equal("other", _engine.Volumes.Get("oth").Name);
        Assert.Throws<StasisException>(() => _engine.Volumes.Get("dat"));
        Assert.Throws<NotFoundException>(() => _engine.Volumes.Get("ata"));
        Assert.Throws<NotFoundException>(() => _engine.Volumes.Get(""));
        Assert.Throws<NotFoundException>(() => _engine.Volumes.Get("o%"));
    }

    [Fact]
    public void Folder_that_a_crash_left_without_a_row_is_not_in_a_new_volume()
    {
        var left = Path.Combine(Directory.CreateDirectory(_engine.Layout.Volume("data")).FullName, "left");
        File.AppendAllText(left, "someone's");
        _engine.Volumes.Create("data");
        Assert.False(File.Exists(left));
    }

    [Fact]
    public void Content_goes_out_as_a_tar_and_in_again_over_what_is_there()
    {
        var (source, target) = (_engine.Volumes.Create("source").Path, _engine.Volumes.Create("target").Path);
        File.AppendAllText(Path.Combine(source, "both"), "new");
        File.AppendAllText(Path.Combine(target, "both"), "old");
        File.AppendAllText(Path.Combine(target, "own"), "own");
        var tar = Path.Combine(_temp.Path, "volume.tar");
        _engine.Volumes.Export("source", tar, TestContext.Current.CancellationToken);
        using (var stream = File.OpenRead(tar))
            _engine.Volumes.Import("target", stream, tar, TestContext.Current.CancellationToken);
        Assert.Equal(("new", "own"), (File.ReadAllText(Path.Combine(target, "both")), File.ReadAllText(Path.Combine(target, "own"))));
        Assert.Throws<NotFoundException>(() => _engine.Volumes.Export("nothing", tar, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void File_that_is_no_tar_is_named()
    {
        _engine.Volumes.Create("data");
        using var rubbish = new MemoryStream(new byte[100]);
        Assert.Contains("rubbish.tar",
            Assert.Throws<ArchiveException>(() => _engine.Volumes.Import(
                "data",
                rubbish,
                "rubbish.tar",
                TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }
}
