using Stasis.Engine.Errors;
using Stasis.Linux;
using Xunit;

namespace Stasis.UnitTests;

public class FileFailureTests
{
    [Fact]
    public void Reasons_are_the_kernels()
    {
        using var temp = new TempDirectory();
        var loop = Path.Combine(temp.Path, "loop");
        File.CreateSymbolicLink(loop, loop);
        Assert.Equal("No such file or directory", FileFailure.Why(Assert.ThrowsAny<IOException>(() => File.OpenRead("/no/such/file"))));
        Assert.Equal("Too many levels of symbolic links", FileFailure.Why(Assert.ThrowsAny<IOException>(() => File.OpenRead(loop))));
        Assert.Equal("open /x: Input/output error", FileFailure.Why(new LinuxException("open", "/x", Errno.EIO)));
    }

    [Fact]
    public void A_full_disk_is_known_whoever_says_so()
    {
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var dotnet = Assert.ThrowsAny<IOException>(() => full.Write("x"u8));
        Assert.Equal("No space left on device", FileFailure.Why(dotnet));
        Assert.Equal("make room on the file system of /no/such (df -h /no/such)", FileFailure.Remedy(dotnet, "/no/such"));
        Assert.Equal("make room on the file system of /proc (df -h /proc)", FileFailure.Remedy(dotnet, "/proc/self/task"));
        Assert.NotNull(FileFailure.Remedy(new LinuxException("write", "/x", Errno.EDQUOT), "/data"));
        Assert.NotNull(FileFailure.Remedy(new StasisException("criu: page-xfer: No space left on device"), "/data"));
        Assert.Null(FileFailure.Remedy(new LinuxException("write", "/x", Errno.EIO), "/data"));
        Assert.Equal("do that", FileFailure.Remedy(new StasisException("No space left on device") { Remedy = "do that" }, "/data"));
    }
}
