using Stasis.Linux;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Linux.Files;

public sealed class PendingFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;

    private string Target => Path.Combine(_directory, "file");

    [Fact]
    public void The_content_is_replaced_with_exactly_the_mode()
    {
        AtomicFile.Write(Target, "old"u8);
        Assert.Equal(0x180u, FileStatus.Read(Target).Permissions);
        AtomicFile.Write(Target, "new"u8, 0x1B6);
        Assert.Equal("new", File.ReadAllText(Target));
        Assert.Equal(0x1B6u, FileStatus.Read(Target).Permissions);
        Assert.Single(Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public void An_uncommitted_file_leaves_nothing_and_the_old_content()
    {
        AtomicFile.Write(Target, "old"u8, durable: false);
        using (var file = PendingFile.Create(Target))
        {
            RandomAccess.Write(file.Handle, "new"u8, 0);
            Assert.Single(Directory.GetFileSystemEntries(_directory));
        }

        Assert.Equal("old", File.ReadAllText(Target));
        Assert.Single(Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var error = Assert.Throws<LinuxException>(() => AtomicFile.Write(Path.Combine(_directory, "no", "file"), "x"u8));
        Assert.Equal(Errno.ENOENT, error.Errno);
    }

    public void Dispose() => FileTree.Remove(_directory);
}
