using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>
/// Removes everything of a container that doesn't outlive a reboot: processes, the runtime's record, mounts, cgroups, network,
/// files under the run root.
/// </summary>
internal static class ContainerTeardown
{
    private static readonly TimeSpan RecordTime = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Tears the container down. A step that fails doesn't stop the others. May be called again, and does nothing if nothing is
    /// left. The container's row in the database stays as it is.
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="isLast">Whether the container goes away: a network that can't be taken down doesn't hinder that.</param>
    /// <exception cref="StasisException">A step failed; the message has the first reason.</exception>
    public static async Task RunAsync(LockedContainer container, bool isLast = false)
    {
        var paths = container.Paths;
        if (!Directory.Exists(paths.RunDirectory) && !Mount.IsMountPoint(paths.Merged))
            return; // never started, or torn down already
        var failures = new List<Exception>();

        await TryAsync(() => ContainerCgroup.KillAsync(container.Container, CancellationToken.None));
        // A conmon that has recorded the end waits for its exit command, which waits for the container's lock. Any other would
        // outlive its container.
        if (!await IsRecordedAsync(paths))
        {
            await TryAsync(() => HelperProcesses.KillAsync(container, CancellationToken.None));
            // Processes that the runtime has started until then.
            await TryAsync(() => ContainerCgroup.KillAsync(container.Container, CancellationToken.None));
        }
        // A runtime without a record of the container isn't run: its program may be gone.
        if (Runtime.HasState(container.Engine.Layout, container.RuntimeName, container.Id))
        {
            // A runtime that was killed in a restore leaves the root file system bound in its folder ("criu-root"): removing the
            // folder would delete the container's files.
            var record = container.Engine.Layout.RuntimeState(container.RuntimeName, container.Id);
            await TryAsync(() => Done(() => Mount.UnmountBeneath(record)));
            await TryAsync(() => container.Runtime.DeleteAsync(container.Id, force: true, CancellationToken.None));
        }
        await TryAsync(() => Done(() => ContainerCgroup.Remove(container.Container)));
        await TryAsync(() => container.Engine.Networks.DisconnectAsync(container.Id, paths.NetNs, isLast));
        await TryAsync(() => Done(() => ContainerMounts.Unmount(paths)));
        FileTree.Remove(paths.PreCheckpoint);
        if (failures.Count == 0)
            FileTree.Remove(paths.RunDirectory);
        else
            throw new StasisException($"container {container.Container.Name} can't be cleaned up: {failures[0].Message}", failures[0]);

        async Task TryAsync(Func<Task> step)
        {
            try
            {
                await step();
            }
            catch (Exception e) when (e is StasisException or IOException)
            {
                failures.Add(e);
            }
        }

        static Task Done(Action action)
        {
            action();
            return Task.CompletedTask;
        }
    }

    /// <summary>
    /// Whether conmon has recorded the end. Waits for that for a moment, since conmon writes the last output into the log before.
    /// </summary>
    private static async Task<bool> IsRecordedAsync(ContainerLayout paths)
    {
        var deadline = DateTime.UtcNow + RecordTime;
        while (!File.Exists(paths.ExitFile) && File.Exists(paths.PidFile) && DateTime.UtcNow < deadline && IsConmonAlive(paths))
            await Task.Delay(2);
        return File.Exists(paths.ExitFile);
    }

    private static bool IsConmonAlive(ContainerLayout paths) =>
        ConmonAccess.ReadPid(paths.ConmonPidFile) is { } pid && PidFd.StartTime(pid) is not null;
}
