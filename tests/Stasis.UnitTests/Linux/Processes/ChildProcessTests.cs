using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Linux.Processes;

/// <summary>Waiting for a child without a thread.</summary>
public sealed class ChildProcessTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    [Fact]
    public void A_wait_returns_the_exit_code()
    {
        using var child = Start("exit 7");
        Assert.True(child.TryWait(Long));
        Assert.Equal(7, child.Wait());
    }

    [Fact]
    public void A_wait_ends_at_its_time_limit_and_the_child_runs_on()
    {
        using var child = Start("exec sleep 1000");
        Assert.False(child.TryWait(TimeSpan.FromMilliseconds(20)));
        child.Signal(Signals.Kill);
        Assert.True(child.TryWait(Timeout.InfiniteTimeSpan));
        Assert.Equal(137, child.Wait());
    }

    [Fact]
    public void Input_is_seen_while_the_child_runs()
    {
        var (read, write) = Pipe.Create();
        using (read)
        using (write)
        {
            using var child = Start("echo >&3; exec sleep 1000", write);
            Assert.True(child.TryWaitForInput(read, Long));
            Assert.True(Fifo.HasInput(read));
            child.Signal(Signals.Kill);
            child.Wait();
        }
    }

    [Fact]
    public void A_child_that_ends_without_input_ends_the_wait_for_it()
    {
        var (read, write) = Pipe.Create();
        using (read)
        using (write)
        {
            using var child = Start("exit 0");
            Assert.True(child.TryWaitForInput(read, Long));
            Assert.False(Fifo.HasInput(read));
        }
    }

    private static ChildProcess Start(string script, SafeFileHandle? output = null) => Spawn.Start(new SpawnOptions
    {
        Program = "sh",
        Arguments = ["-c", script],
        Descriptors = output is null ? [] : new Dictionary<int, SafeFileHandle> { [3] = output },
    });
}
