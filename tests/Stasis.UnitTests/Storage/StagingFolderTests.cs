using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Storage;

/// <summary>Folders for what isn't whole yet.</summary>
public sealed class StagingFolderTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Layout _layout;

    public StagingFolderTests() => _layout = new Layout(Path.Combine(_directory.Path, "root"), Path.Combine(_directory.Path, "run"));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_folder_whose_maker_lives_stays()
    {
        using var folder = StagingFolder.Create(_layout);

        Assert.False(StagingFolder.IsAnyAbandoned(_layout));
        StagingFolder.RemoveAbandoned(_layout, _ => true);

        Assert.True(Directory.Exists(folder.Path));
    }

    /// <summary>A command whose root was in the folder may have made it again after it was removed with its lock.</summary>
    [Fact]
    public void A_folder_without_a_lock_is_removed()
    {
        var left = _layout.StagingFolder("left");
        PrivateDirectory.Create(Path.Combine(left, StagingFolder.Root));

        Assert.True(StagingFolder.IsAnyAbandoned(_layout));
        StagingFolder.RemoveAbandoned(_layout, _ => true);

        Assert.Empty(Directory.GetFileSystemEntries(_layout.Staging));
    }

    [Fact]
    public void A_root_that_can_not_be_recovered_stays()
    {
        PrivateDirectory.Create(Path.Combine(_layout.StagingFolder("left"), StagingFolder.Root));

        StagingFolder.RemoveAbandoned(_layout, _ => false);

        Assert.True(Directory.Exists(_layout.StagingFolder("left")));
    }
}
