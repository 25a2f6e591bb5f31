using Stasis.Engine.Criu;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class AbandonedMountFoldersTests : IDisposable
{
    private readonly List<string> _made = [];

    [Fact]
    public void Folders_of_a_killed_CRIU_are_removed_if_nobody_can_use_them()
    {
        var left = Make(age: TimeSpan.FromMinutes(1));
        var young = Make(age: TimeSpan.Zero);
        var used = Make(age: TimeSpan.FromMinutes(1));
        Directory.CreateDirectory(Path.Combine(used, "root"));
        Directory.SetLastWriteTimeUtc(used, DateTime.UtcNow.AddMinutes(-1));

        AbandonedMountFolders.Remove();

        Assert.Equal((false, true, true), (Directory.Exists(left), Directory.Exists(young), Directory.Exists(used)));
    }

    public void Dispose() => _made.Where(Directory.Exists).ToList().ForEach(path => Directory.Delete(path, recursive: true));

    // CRIU's own place: the name has six characters in the place of its X.
    private string Make(TimeSpan age)
    {
        var path = $"/tmp/.criu.mntns.{Guid.NewGuid().ToString("N")[..6]}";
        Directory.CreateDirectory(path);
        // A clock that is a little behind must not make the young one old.
        Directory.SetLastWriteTimeUtc(path, age == TimeSpan.Zero ? DateTime.UtcNow.AddMinutes(1) : DateTime.UtcNow - age);
        _made.Add(path);
        return path;
    }
}
