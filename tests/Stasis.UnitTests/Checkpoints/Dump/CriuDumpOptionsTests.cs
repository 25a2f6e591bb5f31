using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Dump;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Dump;

public class CriuDumpOptionsTests
{
    [Fact]
    public void Processes_are_always_left_to_be_ended_later() =>
        Assert.Equal(["--leave-running", "--file-locks"], CriuDumpOptions.GetFlags(new CheckpointOptions { LeaveRunning = false }));

    [Fact]
    public void Connections_are_a_flag_of_the_runtime()
    {
        var options = new CheckpointOptions { PreCheckpoint = true, TcpEstablished = true };

        Assert.Equal(["--pre-dump", "--file-locks", "--tcp-established"], CriuDumpOptions.GetFlags(options));
    }

    [Fact]
    public void The_parent_is_relative_to_the_images() => Assert.Equal(
        ["--leave-running", "--file-locks", "--parent-path", "../pre-checkpoint"],
        CriuDumpOptions.GetFlags(new CheckpointOptions { WithPrevious = true }));
}
