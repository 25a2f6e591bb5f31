using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Linux.Processes;

public sealed class PidFdTests
{
    [Fact]
    public async Task The_end_of_a_process_is_seen_and_it_takes_no_signal_then()
    {
        using var child = Spawn.Start(new SpawnOptions { Program = "sleep", Arguments = ["100"] });
        using var process = PidFd.Open(child.Id)!;
        Assert.False(process.HasEnded);
        Assert.NotNull(PidFd.StartTime(child.Id));
        Assert.True(process.Signal(Signals.Kill));
        await process.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.HasEnded);
        Assert.Null(PidFd.StartTime(child.Id)); // a zombie now
        await child.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(process.Signal(Signals.Kill));
        Assert.Null(PidFd.Open(child.Id));
        Assert.Null(PidFd.StartTime(child.Id));
    }

    [Fact]
    public void Start_time_survives_an_odd_program_name()
    {
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            var program = Path.Combine(directory.FullName, "a) R 1 (b");
            File.Copy(ExecutablePath.Find("sleep")!, program);
            using var child = Spawn.Start(new SpawnOptions { Program = program, Arguments = ["100"] });
            try
            {
                var self = PidFd.StartTime(Environment.ProcessId);
                Assert.True(PidFd.StartTime(child.Id) >= self);
            }
            finally
            {
                child.Signal(Signals.Kill);
            }
        }
        finally
        {
            FileTree.Remove(directory.FullName);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void No_such_process_is_null(int pid) => Assert.Null(PidFd.Open(pid));
}
