using Stasis.Engine.Errors;
using Stasis.Linux;
using Xunit;

namespace Stasis.UnitTests;

public class FileErrorTextTests
{
    [Fact]
    public void Reasons_are_the_kernels()
    {
        using var temp = new TempDirectory();
        var loop = Path.Combine(temp.Path, "loop");
        File.CreateSymbolicLink(loop, loop);
        Assert.Equal("No such file or directory", FileErrorText.Why(Assert.ThrowsAny<IOException>(() => File.OpenRead("/no/such/file"))));
        Assert.Equal("Too many levels of symbolic links", FileErrorText.Why(Assert.ThrowsAny<IOException>(() => File.OpenRead(loop))));
        Assert.Equal("open /x: Input/output error", FileErrorText.Why(new LinuxException("open", "/x", Errno.EIO)));
    }

    [Fact]
    public void A_full_disk_is_known_whoever_says_so()
    {
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var dotnet = Assert.ThrowsAny<IOException>(() => full.Write("x"u8));
        Assert.Equal("No space left on device", FileErrorText.Why(dotnet));
        Assert.Equal("make room on the file system of /no/such (df -h /no/such)", FileErrorText.Remedy(dotnet, "/no/such"));
        Assert.Equal("make room on the file system of /proc (df -h /proc)", FileErrorText.Remedy(dotnet, "/proc/self/task"));
        Assert.NotNull(FileErrorText.Remedy(new LinuxException("write", "/x", Errno.EDQUOT), "/data"));
        Assert.NotNull(FileErrorText.Remedy(new StasisException("criu: page-xfer: No space left on device"), "/data"));
        Assert.Null(FileErrorText.Remedy(new LinuxException("write", "/x", Errno.EIO), "/data"));
        Assert.Equal("do that", FileErrorText.Remedy(new StasisException("No space left on device") { Remedy = "do that" }, "/data"));
    }
}
