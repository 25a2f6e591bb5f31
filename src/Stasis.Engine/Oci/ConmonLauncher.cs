using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Oci;

/// <summary>Starts a container's conmon, which runs the runtime's create or restore verb.</summary>
internal static class ConmonLauncher
{
    /// <summary>
    /// Starts conmon and waits until the runtime has brought up the container. After a failure, conmon, the runtime and the
    /// runtime's record of the container are gone. (conmon may still run its exit command then: that waits for the container's
    /// lock, and finds nothing to do.)
    /// </summary>
    /// <param name="runtime">The runtime.</param>
    /// <param name="request">The container, and what it is restored from, if it is.</param>
    /// <param name="cancellation">A cancelled call leaves what a failed one leaves.</param>
    /// <returns>PIDs of the container's first process and of conmon.</returns>
    /// <exception cref="StasisException">The runtime or CRIU failed, with its own words.</exception>
    public static async Task<(int Pid, int ConmonPid)> LaunchAsync(Runtime runtime, ConmonRequest request, CancellationToken cancellation)
    {
        var paths = request.Paths;
        PrepareFolders(paths);
        var log = runtime.OpenLog(paths.Id);
        try
        {
            return request.Restore is null
                ? await LaunchAsync(runtime, request, log, cancellation)
                : await CriuWatchdog.GuardAsync(runtime, paths.Id, stop => LaunchAsync(runtime, request, log, stop), cancellation);
        }
        catch
        {
            await ConmonAccess.KillAsync(paths.ConmonPidFile);
            await runtime.DeleteAsync(paths.Id, force: true, CancellationToken.None);
            throw;
        }
    }

    private static void PrepareFolders(ContainerLayout paths)
    {
        PrivateDirectory.Create(paths.ExitDirectory);
        PrivateDirectory.Create(paths.PersistDirectory);
        // Files of the container's last life would be taken for those of this one.
        foreach (var stale in (string[])[paths.PidFile, paths.ConmonPidFile, paths.ExitFile, paths.OomFile])
            File.Delete(stale);
    }

    private static async Task<(int Pid, int ConmonPid)> LaunchAsync(
        Runtime runtime, ConmonRequest request, RuntimeLog log, CancellationToken cancellation)
    {
        var (paths, isRestore) = (request.Paths, request.Restore is not null);
        var verb = isRestore ? "restore" : "create";
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (!isRestore)
            limited.CancelAfter(runtime.TimeLimit);
        // conmon writes a file "oom" into its working directory.
        using var conmon = ConmonStartup.Start(runtime, ConmonArguments.ForContainer(runtime, log, request), paths.PersistDirectory);
        try
        {
            await conmon.WaitUntilForkedAsync(runtime.TimeLimit, cancellation);
            var report = await conmon.ReadReportAsync(limited.Token);
            if (isRestore)
                runtime.Log.Criu.Forward(paths.RestoreLog);
            if (report is { Data: > 0 })
            {
                const string Missing = "conmon has not written its PID";
                var pid = ConmonAccess.ReadPid(paths.ConmonPidFile) ?? throw runtime.CreateFailure($"{verb} {paths.Id}", log, Missing, "");
                return (report.Data, pid);
            }
            var criuErrors = isRestore ? CriuLog.Quote(paths.RestoreLog) : "";
            throw runtime.CreateFailure($"{verb} {paths.Id}", log, report?.Message ?? "", criuErrors);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw runtime.CreateTimeout($"{verb} {paths.Id}", late);
        }
    }
}
