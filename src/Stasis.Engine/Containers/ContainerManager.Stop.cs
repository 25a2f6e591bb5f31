using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    private const int Sigterm = 15;
    private const int Sigkill = 9;

    // conmon records the end within milliseconds, unless it hangs or was killed.
    private static readonly TimeSpan RecordTime = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Stops a container: sends its stop signal, and SIGKILL after <paramref name="timeout"/>. Returns when the container has
    /// ended and is cleaned up. Does nothing if it isn't running. The container's lock is not held while its processes end.
    /// </summary>
    /// <param name="nameOrId">The container: its name, its ID or a unique prefix of its ID.</param>
    /// <param name="timeout">Time between the signals; null for the container's own.</param>
    /// <param name="cancellationToken">A cancelled call may leave the container running after the stop signal.</param>
    public async Task<Container> StopAsync(string nameOrId, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        Container signalled;
        using (var container = await LockAsync(nameOrId, cancellationToken))
        {
            if (!Transitions.Require(TransitionVerb.Stop, container.Container))
                return container.Container;
            signalled = container.Container;
            await SignalAsync(container, (int)(signalled.Config.StopSignal ?? Sigterm), thaw: true, cancellationToken);
        }
        await WaitForStopAsync(signalled, timeout, cancellationToken);
        return await KillAndFinishAsync(signalled, cancellationToken);
    }

    /// <summary>Waits for the end after the stop signal. Warns if the time is over, since the container will be killed.</summary>
    private async Task WaitForStopAsync(Container container, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var limit = timeout ?? TimeSpan.FromSeconds(container.Config.StopTimeout ?? 10);
        if (await WaitForEndAsync(container, limit, cancellationToken) || limit <= TimeSpan.Zero)
            return;
        var signal = Signals.Name((int)(container.Config.StopSignal ?? Sigterm));
        _engine.Warn(
            $"StopSignal {signal} failed to stop container {container.Name} in {limit.TotalSeconds} seconds, resorting to SIGKILL");
    }

    // A timer takes no more: 49 days. Podman's stop timeout may be 136 years.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>Waits until the processes that the container has now end; false if the time is over first.</summary>
    private async Task<bool> WaitForEndAsync(Container container, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(limit < MaxWait ? limit : MaxWait);
        try
        {
            await ContainerExit.WaitAsync(container.State, _engine.Layout.Container(container.Id), timer.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// Kills the container if the processes seen before still run, records the end and cleans up. Returns the container as it is
    /// then, or as it was seen if it has been removed.
    /// </summary>
    private async Task<Container> KillAndFinishAsync(Container seen, CancellationToken cancellationToken)
    {
        LockedContainer container;
        try
        {
            container = await LockAsync(seen.Id, cancellationToken);
        }
        catch (NotFoundException)
        {
            return seen; // --rm, and cleaned up already
        }
        using (container)
        {
            if (container.State.IsAlive && IsSameLife(container.State, seen.State))
                await KillAndRecordAsync(container);
            return container.Container;
        }
    }

    /// <summary>Kills a locked container that runs, records its end and cleans up.</summary>
    /// <param name="container">The container.</param>
    /// <param name="keep">Keep the container even if it is to be removed when it ends.</param>
    private async Task KillAndRecordAsync(LockedContainer container, bool keep = false)
    {
        await SignalAsync(container, Sigkill, thaw: true, CancellationToken.None);
        await WaitForEndAsync(container.Container, RecordTime, CancellationToken.None);
        var end = ContainerExit.TryRead(container.Container, container.Paths)
            ?? new ContainerExit(128 + Sigkill, DateTimeOffset.UtcNow, false, "conmon did not record its end");
        await FinishAsync(container, end, keep);
    }

    /// <summary>
    /// Sends a signal to the first process. A frozen process gets it when thawed; <paramref name="thaw"/> thaws the container at
    /// once.
    /// </summary>
    private static async Task SignalAsync(LockedContainer container, int signal, bool thaw, CancellationToken cancellationToken)
    {
        using (var process = PidFd.Open(container.State.Pid))
        {
            if (process is not null && PidFd.StartTime(container.State.Pid) == container.State.PidStartTime)
                process.Signal(signal);
        }
        if (!thaw || container.State.Status != ContainerStatus.Paused)
            return;
        await container.Runtime.ResumeAsync(container.Id, cancellationToken);
        container.Save(container.State with { Status = ContainerStatus.Running });
    }

    private static bool IsSameLife(ContainerState one, ContainerState other) =>
        (one.Pid, one.PidStartTime) == (other.Pid, other.PidStartTime);
}
