using Stasis.Engine.Storage;
using Xunit;

namespace Stasis.UnitTests.Storage;

public sealed class OwnArchivesTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Remembers_what_was_written_here_and_nothing_else()
    {
        using (var database = Database.Open(_temp.Layout))
        {
            var own = new OwnArchives(database);
            own.Add("sha256:1");
            own.Add("sha256:1");
        }
        using var again = Database.Open(_temp.Layout);

        Assert.True(new OwnArchives(again).Contains("sha256:1"));
        Assert.False(new OwnArchives(again).Contains("sha256:2"));
        Assert.False(new OwnArchives(again).Contains(""));
    }
}
