using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Linux.Processes;

public class UnreadPipeBytesTests
{
    [Fact]
    public async Task Unread_bytes_of_a_process_are_counted()
    {
        var (read, write) = Pipe.Create();
        using var child = Spawn.Start(new SpawnOptions
        {
            Program = "sleep",
            Arguments = ["1000"],
            Descriptors = new Dictionary<int, SafeFileHandle> { [0] = read, [5] = write },
        });
        try
        {
            Assert.Equal(0, UnreadPipeBytes.Unread(child.Id));
            using (var stream = new FileStream(write, FileAccess.Write, bufferSize: 0))
                stream.Write("12345"u8);
            Assert.Equal(5, UnreadPipeBytes.Unread(child.Id)); // its own end for writing, number 5, isn't counted twice
        }
        finally
        {
            child.Signal(Signals.Kill);
            await child.WaitAsync(TestContext.Current.CancellationToken);
            read.Dispose();
        }
        Assert.Equal(0, UnreadPipeBytes.Unread(child.Id));
    }
}
