using Stasis.Engine.RuntimeCommand;
using Stasis.Engine.Storage;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>The record of a restored container.</summary>
public sealed class RestoredBundleTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private Layout Layout => new(_directory.Path, _directory.Path);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void It_is_held_until_it_is_started_and_gone_when_it_is_removed()
    {
        new RestoredBundle(Layout, "/run/runc", "ID").Begin([], "/nowhere", hooks: null);
        var found = RestoredBundle.Find(Layout, "/run/runc", "ID")!;
        Assert.True(found.IsHeld);

        found.Start();
        Assert.False(found.IsHeld);

        found.Remove();
        Assert.Null(RestoredBundle.Find(Layout, "/run/runc", "ID"));
    }

    [Fact]
    public void A_container_of_the_same_ID_in_another_root_is_another()
    {
        new RestoredBundle(Layout, "/run/a/b", "ID").Begin([], "/nowhere", hooks: null);

        Assert.Null(RestoredBundle.Find(Layout, "/run/a", "ID"));
        Assert.Null(RestoredBundle.Find(Layout, "/run/a%2Fb", "ID"));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_ID_is_no_path(string? id) => Assert.Null(RestoredBundle.Find(Layout, "/run/runc", id));
}
