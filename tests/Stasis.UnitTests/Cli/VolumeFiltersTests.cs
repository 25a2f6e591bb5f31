using Stasis.Cli.Filters;
using Stasis.Cli.Parsing;
using Stasis.Engine;
using Stasis.UnitTests.Storage;
using Xunit;

namespace Stasis.UnitTests.Cli;

public sealed class VolumeFiltersTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly StasisEngine _engine;

    public VolumeFiltersTests()
    {
        _engine = new StasisEngine(new EngineOptions { Root = _temp.Layout.Root, RunRoot = _temp.Layout.RunRoot });
        _engine.Volumes.Create("data", new Dictionary<string, string> { ["tier"] = "db", ["keep"] = "" });
        _engine.Volumes.Create("cache", new Dictionary<string, string> { ["tier"] = "web" });
        _engine.Volumes.Create("nameless", anonymous: true);
        _engine.ContainerStore.Insert(ContainerStoreTests.Make("web", 'a', null, "cache"));
    }

    public void Dispose()
    {
        _engine.Dispose();
        _temp.Dispose();
    }

    [Theory]
    [InlineData("data cache nameless")]
    [InlineData("data", "name=^da")]
    [InlineData("data cache", "name=^da", "name=^ca")]
    [InlineData("data cache", "label=tier")]
    [InlineData("data", "label=tier=db")]
    [InlineData("", "label=tier=db", "label=tier=web")]
    [InlineData("cache nameless", "label!=keep")]
    [InlineData("data nameless", "dangling=true")]
    [InlineData("cache", "dangling=0")]
    [InlineData("nameless", "anonymous=true")]
    [InlineData("data", "anonymous=false", "dangling=true")]
    [InlineData("data cache nameless", "driver=local")]
    [InlineData("", "driver=nfs")]
    [InlineData("", "until=1h")]
    public void Filters_match_any_value_of_a_key_and_all_keys(string expected, params string[] filters)
    {
        var parsed = VolumeFilters.Parse(filters, _engine.Volumes);
        Assert.Equal(
            expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(),
            _engine.Volumes.List().Where(parsed.Match).Select(volume => volume.Name).Order());
    }

    [Theory]
    [InlineData("name")]
    [InlineData("size=1")]
    [InlineData("dangling=maybe")]
    [InlineData("until=soon")]
    [InlineData("name=(")]
    public void Wrong_filter_is_refused(string filter) =>
        Assert.Throws<UsageException>(() => VolumeFilters.Parse([filter], _engine.Volumes));
}
