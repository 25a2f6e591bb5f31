using System.Globalization;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>Takes away everything of a container that isn't a file: processes, the runtime's record, mounts, cgroups, and what lies under the run root.</summary>
internal static class ContainerTeardown
{
    private static readonly TimeSpan RecordTime = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Kills what still runs and undoes the mounts. Goes on to the end whatever fails on the way, may be called again, and does nothing where nothing
    /// is left. The container's record is not touched.
    /// </summary>
    /// <exception cref="StasisException">Something is left; the first reason.</exception>
    public static async Task RunAsync(LockedContainer container)
    {
        var paths = container.Paths;
        if (!Directory.Exists(paths.RunDirectory) && !Mount.IsMountPoint(paths.Merged))
            return; // never started, or torn down
        var failures = new List<Exception>();

        await TryAsync(() => ContainerCgroup.KillAsync(container.Container, CancellationToken.None));
        // A conmon that has recorded the end is only waiting for its exit command, which waits for our lock. One that hasn't would outlive its container.
        if (!await IsRecordedAsync(paths))
        {
            await TryAsync(() => HelperProcesses.KillAsync(container, CancellationToken.None));
            // What the runtime may have brought up until then.
            await TryAsync(() => ContainerCgroup.KillAsync(container.Container, CancellationToken.None));
        }
        // A runtime that knows nothing of it isn't asked: it may not be there (any more).
        if (Runtime.HasRecord(container.Engine.Layout, container.RuntimeName, container.Id))
        {
            // One that was killed in a restore leaves the root file system bound in its folder ("criu-root"), where removing the folder would go through it.
            await TryAsync(() => Done(() => Mount.UnmountBeneath(container.Engine.Layout.RuntimeRecord(container.RuntimeName, container.Id))));
            await TryAsync(() => container.Runtime.DeleteAsync(container.Id, force: true, CancellationToken.None));
        }
        await TryAsync(() => Done(() => ContainerCgroup.Remove(container.Container)));
        await TryAsync(() => container.Engine.Networks.DisconnectAsync(container.Id, paths.NetNs));
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

    /// <summary>Whether conmon has recorded the end, for which it gets a moment: before, it writes the last of the output into the log.</summary>
    private static async Task<bool> IsRecordedAsync(ContainerLayout paths)
    {
        var deadline = DateTime.UtcNow + RecordTime;
        while (!File.Exists(paths.ExitFile) && File.Exists(paths.PidFile) && DateTime.UtcNow < deadline && IsConmonAlive(paths))
            await Task.Delay(2);
        return File.Exists(paths.ExitFile);
    }

    private static bool IsConmonAlive(ContainerLayout paths) =>
        File.Exists(paths.ConmonPidFile) && int.TryParse(File.ReadAllText(paths.ConmonPidFile), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
        && PidFd.StartTime(pid) is not null;
}
