using Stasis.Engine;
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
        Assert.Equal(["data"], _engine.Volumes.List());
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("-a")]
    [InlineData("a\n")]
    public void A_name_that_could_be_a_path_is_refused(string name) => Assert.Throws<StasisException>(() => _engine.Volumes.Ensure(name));

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
        var (one, two) = (ContainerStoreTests.Make("one", 'a', null, "named", "anonymous"), ContainerStoreTests.Make("two", 'b', null, "anonymous"));
        _engine.ContainerStore.Insert(one);
        _engine.ContainerStore.Insert(two);

        _engine.ContainerStore.Delete(one.Id);
        _engine.Volumes.RemoveUnused(one.Config.NamedVolumes!);
        Assert.Equal(["anonymous", "named"], _engine.Volumes.List());

        _engine.ContainerStore.Delete(two.Id);
        _engine.Volumes.RemoveUnused(two.Config.NamedVolumes!);
        Assert.Equal(["named"], _engine.Volumes.List());
    }
}
