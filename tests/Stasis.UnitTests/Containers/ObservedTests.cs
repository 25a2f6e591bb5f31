using Stasis.Engine;
using Stasis.Engine.Model;
using Stasis.UnitTests.Storage;
using Xunit;

namespace Stasis.UnitTests.Containers;

/// <summary>Who only looks, without a lock, at a container whose end is being recorded meanwhile.</summary>
public sealed class ObservedTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly StasisEngine _engine;

    // It ran with PIDs that are nobody's, and nothing on disk tells of its end.
    private readonly Container _stale = ContainerStoreTests.Make("web", 'a') with
    {
        State = new ContainerState
        {
            Status = ContainerStatus.Running,
            Pid = int.MaxValue,
            PidStartTime = 1,
            ConmonPid = int.MaxValue,
            ConmonStartTime = 1
        },
    };

    public ObservedTests() => _engine = new StasisEngine(new EngineOptions { Root = _temp.Layout.Root, RunRoot = _temp.Layout.RunRoot });

    public void Dispose()
    {
        _engine.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public void An_end_that_nobody_saw_is_unknown()
    {
        _engine.ContainerStore.Insert(_stale);
        Assert.Equal((ContainerStatus.Exited, 255), Seen());
    }

    [Fact]
    public void An_end_that_was_recorded_meanwhile_is_what_counts()
    {
        _engine.ContainerStore.Insert(_stale with { State = new ContainerState { Status = ContainerStatus.Exited, ExitCode = 9 } });
        Assert.Equal((ContainerStatus.Exited, 9), Seen());
    }

    [Fact]
    public async Task Waiter_for_a_container_that_is_removed_gets_its_exit_code()
    {
        Assert.Equal((ContainerStatus.Running, 0), Seen());
        _engine.Exits.Record(_stale.Id, 7);
        Assert.Equal(7, await _engine.Containers.WaitAsync(_stale.Id, TestContext.Current.CancellationToken));
    }

    private (ContainerStatus Status, int ExitCode) Seen()
    {
        var state = _engine.Containers.WithCurrentState(_stale).State;
        return (state.Status, state.ExitCode);
    }
}
