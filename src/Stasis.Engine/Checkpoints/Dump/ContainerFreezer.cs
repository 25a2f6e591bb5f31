using System.Diagnostics;
using Stasis.Engine.Common;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Network;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>Freezes a container for its checkpoint, and lets it run again.</summary>
/// <param name="locked">The container.</param>
/// <param name="blocksNetwork">
/// Blocks the connections of the container too, from the freeze until its processes are gone. A container on the host's network
/// is exempt: its connections can't be told from those of others.
/// </param>
internal sealed class ContainerFreezer(LockedContainer locked, bool blocksNetwork)
{
    // conmon reads at once. One that has not read after this time hangs, and must not keep the container frozen.
    private static readonly TimeSpan OutputLimit = TimeSpan.FromSeconds(1);

    // A child is between vfork(2) and execve(2), or a connection waits to be accepted, for a millisecond or so. A container may have many
    // such.
    private const int MaxTries = 100;

    // Datagrams may wait for ever, at a socket that nobody reads, and CRIU can dump most of them.
    private const int MaxTriesForDatagrams = 20;

    private readonly StoppedProcesses _stopped = new();
    private readonly bool _blocksNetwork = blocksNetwork && locked.Container.Config.CreateNetNs;

    /// <summary>Freezes all processes, waits until conmon has read their output, and blocks their connections.</summary>
    /// <param name="cancellation">A cancelled call may leave the container frozen: see <see cref="UndoAsync"/>.</param>
    public async Task FreezeAsync(CancellationToken cancellation)
    {
        // CRIU finds the processes frozen and so needn't poll the freezer, which it does in steps of 100 ms with cgroup v1.
        for (var tries = 1; !await FreezeProcessesAsync(tries, cancellation) && tries < MaxTries; tries++)
        {
            await ThawProcessesAsync();
            await Task.Delay(1, cancellation);
        }
        FaultPoint.Hit("checkpoint.frozen");
        await WaitForConmonAsync(cancellation);
        if (_blocksNetwork)
            await NetworkPacketBlock.BlockAsync(locked.Paths.NetNs, locked.Engine.Log, cancellation);
    }

    // Returns whether CRIU can take hold of all of them.
    private async Task<bool> FreezeProcessesAsync(int tries, CancellationToken cancellation)
    {
        if (ContainerCgroup.HasLegacyFreezer(locked.Container))
            _stopped.Find(ContainerCgroup.Processes(locked.Container));
        if (!await ContainerCgroup.TryFreezeAsync(locked.Container))
            await locked.Runtime.PauseAsync(locked.Id, cancellation);
        _stopped.MakeTraceable();
        return !VforkWait.IsAny(ContainerCgroup.Processes(locked.Container)) && !HasPendingConnections(tries);
    }

    // On the host's network, most connections are others'.
    private bool HasPendingConnections(int tries) => locked.Container.Config.CreateNetNs
        && (UnixBacklog.HasPending(locked.State.Pid)
            || (tries < MaxTriesForDatagrams && UnixBacklog.HasUnreadDatagrams(locked.State.Pid)));

    /// <summary>Whether a dump of the processes, which are frozen, lacks signals of their timers.</summary>
    public bool HasMissedTimers(string images) => MissedTimers.IsAny(images, ContainerCgroup.Processes(locked.Container));

    /// <summary>Completes the images of a dump of the processes, which are frozen.</summary>
    public void CompleteImages(string images) => _stopped.Record(images);

    /// <summary>Lets the processes run again after a dump.</summary>
    public async Task ThawAsync()
    {
        var isThawed = true;
        SystemCallRestart.Thaw(ContainerCgroup.Processes(locked.Container), () => isThawed = TryThawProcesses());
        if (!isThawed)
            await locked.Runtime.ResumeAsync(locked.Id, CancellationToken.None);
        _stopped.Forget();
    }

    private Task ThawProcessesAsync() =>
        TryThawProcesses() ? Task.CompletedTask : locked.Runtime.ResumeAsync(locked.Id, CancellationToken.None);

    private bool TryThawProcesses()
    {
        _stopped.StopAgain();
        return ContainerCgroup.TryThaw(locked.Container);
    }

    /// <summary>Undoes <see cref="FreezeAsync"/>, as far as it came.</summary>
    public async Task UndoAsync()
    {
        if (_blocksNetwork)
            await NetworkPacketBlock.ReleaseAsync(locked.Paths.NetNs, locked.Engine.Log);
        _stopped.StopAgain(); // also if CRIU has let them run
        if (await locked.Runtime.GetStateAsync(locked.Id, CancellationToken.None) is { Status: "paused" })
            await ThawAsync();
    }

    // CRIU dumps what is unread in the output pipes. If conmon wrote that into the log meanwhile, a restored container would
    // print it twice.
    private async Task WaitForConmonAsync(CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        while (UnreadPipeBytes.Unread(locked.State.ConmonPid) > 0 && watch.Elapsed < OutputLimit)
            await Task.Delay(1, cancellation);
    }
}
