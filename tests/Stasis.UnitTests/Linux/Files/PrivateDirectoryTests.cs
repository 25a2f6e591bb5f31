using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Linux.Files;

public sealed class PrivateDirectoryTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    [Fact]
    public void Every_folder_that_is_made_on_the_way_is_private()
    {
        PrivateDirectory.Create(_temp.PathOf("a/b/c/"));

        foreach (var folder in (string[])["a", "a/b", "a/b/c"])
            Assert.Equal(PrivateDirectory.Mode, File.GetUnixFileMode(_temp.PathOf(folder)));
    }

    [Fact]
    public void A_folder_that_is_there_keeps_its_mode()
    {
        var mode = PrivateDirectory.Mode | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(_temp.PathOf("a"), mode);

        PrivateDirectory.Create(_temp.PathOf("a/b"));
        PrivateDirectory.Create(_temp.PathOf("a"));

        Assert.Equal(mode, File.GetUnixFileMode(_temp.PathOf("a")));
    }

    public void Dispose() => _temp.Dispose();
}
