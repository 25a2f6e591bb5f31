using Stasis.Engine.Streams;
using Stasis.Linux;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Archive;

public sealed class BackgroundFsyncTests
{
    private const long Much = 100L << 20;

    [Fact]
    public void Write_error_on_the_thread_is_reported()
    {
        // A pipe can't be synced: EINVAL.
        var (read, write) = Pipe.Create();
        using (read)
        using (write)
        using (var sync = new BackgroundFsync(write))
        {
            sync.Reached(Much);
            Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(sync.Complete).Errno);
        }
    }

    [Fact]
    public void A_small_file_is_left_to_the_fsync_at_the_end()
    {
        var (read, write) = Pipe.Create();
        using (read)
        using (write)
        using (var sync = new BackgroundFsync(write))
        {
            sync.Reached(1 << 20);
            Assert.Null(Record.Exception(sync.Complete)); // a pipe can't be synced
        }
    }
}
