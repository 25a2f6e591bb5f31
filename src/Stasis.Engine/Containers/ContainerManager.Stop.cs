using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    private const int Sigterm = 15;
    private const int Sigkill = 9;

    // conmon records the end within milliseconds. Only one that hangs, or that was killed, doesn't.
    private static readonly TimeSpan RecordTime = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Sends its stop signal, and SIGKILL after <paramref name="timeout"/> (its own by default); returns when it has ended and is cleaned up. The lock
    /// isn't held while it takes its time. One that doesn't run is left as it is.
    /// </summary>
    public async Task<Container> StopAsync(string nameOrId, TimeSpan? timeout, CancellationToken cancellation)
    {
        Container signalled;
        using (var container = await LockAsync(nameOrId, cancellation))
        {
            if (!Transitions.Require(Verb.Stop, container.Container))
                return container.Container;
            signalled = container.Container;
            await SignalAsync(container, (int)(signalled.Config.StopSignal ?? Sigterm), thaw: true, cancellation);
        }
        await StopsAsync(signalled, timeout, cancellation);
        return await KillAndFinishAsync(signalled, cancellation);
    }

    /// <summary>Gives it its time after the stop signal; warns if that didn't suffice and it is going to be killed.</summary>
    private async Task StopsAsync(Container container, TimeSpan? timeout, CancellationToken cancellation)
    {
        var limit = timeout ?? TimeSpan.FromSeconds(container.Config.StopTimeout ?? 10);
        if (!await EndsWithinAsync(container, limit, cancellation) && limit > TimeSpan.Zero)
            _engine.Warn($"StopSignal {Signals.Name((int)(container.Config.StopSignal ?? Sigterm))} failed to stop container {container.Name} in {limit.TotalSeconds} seconds, resorting to SIGKILL");
    }

    /// <summary>Waits for the end of this very life of the container; false when the time is over first.</summary>
    private async Task<bool> EndsWithinAsync(Container container, TimeSpan limit, CancellationToken cancellation)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timer.CancelAfter(limit);
        try
        {
            await ContainerExit.WaitAsync(container.State, _engine.Layout.Container(container.Id), timer.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>If this very life goes on, kills it; then sees that its end is recorded and it is cleaned up. Gives it as it is then (or was, if that removed it).</summary>
    private async Task<Container> KillAndFinishAsync(Container seen, CancellationToken cancellation)
    {
        LockedContainer container;
        try
        {
            container = await LockAsync(seen.Id, cancellation);
        }
        catch (NotFoundException)
        {
            return seen; // --rm, and its end is cleaned up already
        }
        using (container)
        {
            if (container.State.IsAlive && IsSameLife(container.State, seen.State))
                await EndAsync(container);
            return container.Container;
        }
    }

    /// <summary>Ends a locked, living container by SIGKILL, records it and cleans up. <paramref name="keep"/>: even if it is to be removed when it ends.</summary>
    private async Task EndAsync(LockedContainer container, bool keep = false)
    {
        await SignalAsync(container, Sigkill, thaw: true, CancellationToken.None);
        await EndsWithinAsync(container.Container, RecordTime, CancellationToken.None);
        var end = ContainerExit.TryRead(container.Container, container.Paths)
            ?? new ContainerExit(128 + Sigkill, DateTimeOffset.UtcNow, false, "conmon did not record its end");
        await FinishAsync(container, end, keep);
    }

    /// <summary>Sends a signal to its first process. A frozen one gets it when it is thawed, which <paramref name="thaw"/> does at once.</summary>
    private static async Task SignalAsync(LockedContainer container, int signal, bool thaw, CancellationToken cancellation)
    {
        using (var process = PidFd.Open(container.State.Pid))
        {
            if (process is not null && PidFd.StartTime(container.State.Pid) == container.State.PidStartTime)
                process.Signal(signal);
        }
        if (!thaw || container.State.Status != ContainerStatus.Paused)
            return;
        await container.Runtime.ResumeAsync(container.Id, cancellation);
        container.Save(container.State with { Status = ContainerStatus.Running });
    }

    private static bool IsSameLife(ContainerState one, ContainerState other) => (one.Pid, one.PidStartTime) == (other.Pid, other.PidStartTime);
}
