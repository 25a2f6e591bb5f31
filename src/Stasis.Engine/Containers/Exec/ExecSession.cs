using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Exec;

/// <summary>
/// A command that runs in a container beside the first process. As with Podman, a conmon of its own holds its stdio: so the
/// command outlives its caller, and inherits no descriptor from it.
/// </summary>
internal sealed class ExecSession : IDisposable
{
    private readonly ExecLayout _paths;
    private readonly ConmonStartup _conmon;
    private readonly AttachedStdio? _stdio;

    private ExecSession(ExecLayout paths, ConmonStartup conmon, AttachedStdio? stdio, int pid) =>
        (_paths, _conmon, _stdio, Pid) = (paths, conmon, stdio, pid);

    /// <summary>Host PID of the command.</summary>
    public int Pid { get; }

    /// <summary>Starts the command, which runs when the task completes. After a failure nothing of the session is left.</summary>
    public static async Task<ExecSession> StartAsync(LockedContainer container, ExecOptions options, CancellationToken cancellation)
    {
        var name = RandomHex.Digits(16);
        var paths = container.Paths.Exec(name);
        PrivateDirectory.Create(paths.Directory);
        try
        {
            var process = ExecProcessSpec.Build(container.Container, container.Paths, options);
            var json = JsonSerializer.SerializeToUtf8Bytes(process, EngineJson.Default.OciProcess);
            AtomicFile.Write(paths.ProcessSpec, json, durable: false);
            var log = RuntimeLog.OpenAtEnd(paths.RuntimeLog);
            string[] arguments =
            [
                .. ConmonArguments.GetCommon(
                    container.Runtime,
                    [container.Runtime.Path],
                    log,
                    container.Id,
                    name,
                    paths.Directory,
                    paths.PidFile,
                    paths.ConmonPidFile),
                "--exec", "--exec-process-spec", paths.ProcessSpec, "--log-path", "none",
                .. options.Detach ? [] : (string[])["--exec-attach"],
                .. options.Tty ? ["--terminal"] : options.Interactive ? ["--stdin"] : (string[])[],
            ];
            return await StartAsync(container, options, paths, arguments, log, cancellation);
        }
        catch
        {
            FileTree.Remove(paths.Directory);
            throw;
        }
    }

    /// <summary>
    /// Passes stdio on until the command has ended, and returns its exit code: 0 if it is detached, or if the user detaches from
    /// it.
    /// </summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellation)
    {
        if (_stdio is null || !await _stdio.RunAsync(cancellation))
            return 0;
        var report = await _conmon.ReadReportAsync(cancellation)
            ?? throw new StasisException("exec: conmon ended without telling the command's exit code");
        FileTree.Remove(_paths.Directory);
        return report.Data;
    }

    public void Dispose()
    {
        _stdio?.Dispose();
        _conmon.Dispose();
    }

    private static async Task<ExecSession> StartAsync(
        LockedContainer container,
        ExecOptions options,
        ExecLayout paths,
        string[] arguments,
        RuntimeLog log,
        CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(container.Runtime.TimeLimit);
        var conmon = ConmonStartup.Start(container.Runtime, arguments, paths.Directory, attach: !options.Detach);
        AttachedStdio? stdio = null;
        try
        {
            await conmon.WaitUntilForkedAsync(container.Runtime.TimeLimit, cancellation);
            if (!options.Detach)
            {
                await conmon.WaitUntilAttachableAsync(limited.Token);
                stdio = await AttachedStdio.ConnectAsync(
                    paths.Directory, options.Tty, options.Interactive, DetachKeys.Default, limited.Token);
                conmon.Continue();
            }
            var report = await conmon.ReadReportAsync(limited.Token);
            return report is { Data: > 0 }
                ? new ExecSession(paths, conmon, stdio, report.Data)
                : throw container.Runtime.CreateFailure($"exec in {container.Container.Name}", log, report?.Message ?? "");
        }
        catch (Exception failure)
        {
            // Closing the start pipe would let conmon go on, so it is killed first.
            await ConmonAccess.KillAsync(paths.ConmonPidFile);
            stdio?.Dispose();
            conmon.Dispose();
            if (failure is OperationCanceledException && !cancellation.IsCancellationRequested)
                throw container.Runtime.CreateTimeout($"exec in {container.Container.Name}", failure);
            throw;
        }
    }
}
