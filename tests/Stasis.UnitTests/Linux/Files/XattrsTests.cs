using Stasis.Linux;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Linux.Files;

public sealed class XattrsTests : IDisposable
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "file");

    public XattrsTests() => File.Create(_file).Dispose();

    [Fact]
    public void Values_are_any_bytes_of_any_length()
    {
        foreach (var length in new[] { 0, 1, 255, 256, 257, 3000 })
        {
            var value = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
            Xattrs.Set(_file, "user.v", value);
            Assert.Equal(value, Xattrs.Get(_file, "user.v"));
        }

        Assert.Equal(["user.v"], Xattrs.List(_file));
        Xattrs.Remove(_file, "user.v");
        Xattrs.Remove(_file, "user.v");
        Assert.Null(Xattrs.Get(_file, "user.v"));
        Assert.Empty(Xattrs.List(_file));
    }

    [Fact]
    public void Links_are_not_followed()
    {
        var link = _file + ".link";
        Xattrs.Set(_file, "user.v", [1]);
        File.CreateSymbolicLink(link, _file);
        Assert.Empty(Xattrs.List(link));
        Assert.Throws<LinuxException>(() => Xattrs.Set(link, "user.v", [2])); // links have no user.*
        Assert.Equal([1], Xattrs.Get(_file, "user.v"));
    }

    public void Dispose() => FileTree.Remove(Path.GetDirectoryName(_file)!);
}
