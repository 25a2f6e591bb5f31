using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Linux.Files;

public sealed class FileCopyTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000_000)]
    public void A_copy_is_the_same(int length)
    {
        var content = Enumerable.Range(0, length).Select(i => (byte)(i >> 3)).ToArray();
        using var from = New("from");
        using var to = New("to");
        RandomAccess.Write(from, content, 0);
        FileCopy.Copy(from, to);
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(_directory, "to")));
    }

    [Fact]
    public void Holes_stay_holes()
    {
        using var from = New("from");
        using var to = New("to");
        RandomAccess.Write(from, new byte[4096], 8 << 20);
        RandomAccess.SetLength(from, 32 << 20);
        FileCopy.Copy(from, to);
        Assert.Equal(32 << 20, RandomAccess.GetLength(to));
        Assert.True(FileStatus.Read(to).Blocks < 256);
        var extent = Assert.Single(FileCopy.Extents(to, 32 << 20));
        Assert.InRange(8 << 20, extent.Offset, extent.Offset + extent.Length);
    }

    [Fact]
    public void A_copy_between_file_systems_works()
    {
        using var from = New("from");
        RandomAccess.Write(from, "content"u8, 0);
        var path = $"/dev/shm/stasis-test-{Guid.NewGuid():N}";
        try
        {
            using var to = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
            FileCopy.Copy(from, to);
            Assert.Equal(7, RandomAccess.GetLength(to));
        }
        finally
        {
            File.Delete(path);
        }
    }

    public void Dispose() => FileTree.Remove(_directory);

    private SafeFileHandle New(string name) =>
        File.OpenHandle(Path.Combine(_directory, name), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);
}
