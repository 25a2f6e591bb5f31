using System.Text.Json;
using Stasis.Engine.Common;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Exec;

/// <summary>
/// A command run in a container besides its first process. A conmon of its own holds its stdio, as Podman does it: so the command outlives
/// its caller, and gets no descriptor of the caller's.
/// </summary>
internal sealed class ExecSession : IDisposable
{
    private readonly string _folder;
    private readonly ConmonProcess _conmon;
    private readonly AttachedStdio? _stdio;

    private ExecSession(string folder, ConmonProcess conmon, AttachedStdio? stdio, int pid) => (_folder, _conmon, _stdio, Pid) = (folder, conmon, stdio, pid);

    /// <summary>Host PID of the command.</summary>
    public int Pid { get; }

    /// <summary>Starts it; it runs when this completes. Failed, nothing is left of it.</summary>
    public static async Task<ExecSession> StartAsync(LockedContainer container, ExecOptions options, CancellationToken cancellation)
    {
        var name = RandomHex.Digits(16);
        var folder = container.Paths.Exec(name);
        Directory.CreateDirectory(folder);
        try
        {
            var spec = Path.Combine(folder, "process.json");
            AtomicFile.Write(spec, JsonSerializer.SerializeToUtf8Bytes(ExecProcessSpec.Build(container.Container, container.Paths, options), EngineJson.Default.OciProcess), durable: false);
            var log = RuntimeLog.OpenAtEnd(Path.Combine(folder, "runtime.log"));
            string[] arguments =
            [
                .. Conmon.CommonArguments(container.Runtime, log, container.Id, name, folder, Path.Combine(folder, "pidfile"), ConmonPidFile(folder)),
                "--exec", "--exec-process-spec", spec, "--log-path", "none",
                .. options.Detach ? [] : (string[])["--exec-attach"],
                .. options.Tty ? ["--terminal"] : options.Interactive ? ["--stdin"] : (string[])[],
            ];
            return await StartAsync(container, options, folder, arguments, log, cancellation);
        }
        catch
        {
            FileTree.Remove(folder);
            throw;
        }
    }

    /// <summary>Passes stdio until the command has ended, and gives its exit code; 0 if it is detached or the user detaches from it.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellation)
    {
        if (_stdio is null || !await _stdio.RunAsync(cancellation))
            return 0;
        var report = await _conmon.ReadReportAsync(cancellation) ?? throw new StasisException("exec: conmon ended without telling the command's exit code");
        FileTree.Remove(_folder);
        return report.Data;
    }

    public void Dispose()
    {
        _stdio?.Dispose();
        _conmon.Dispose();
    }

    private static string ConmonPidFile(string folder) => Path.Combine(folder, "conmon.pid");

    private static async Task<ExecSession> StartAsync(
        LockedContainer container, ExecOptions options, string folder, string[] arguments, RuntimeLog log, CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(container.Runtime.TimeLimit);
        var conmon = ConmonProcess.Start(container.Runtime, arguments, folder, attach: !options.Detach);
        AttachedStdio? stdio = null;
        try
        {
            await conmon.WaitUntilForkedAsync(container.Runtime.TimeLimit, cancellation);
            if (!options.Detach)
            {
                await conmon.WaitUntilAttachableAsync(limited.Token);
                stdio = await AttachedStdio.ConnectAsync(folder, options.Tty, options.Interactive, DetachKeys.Default, limited.Token);
                conmon.Continue();
            }
            var report = await conmon.ReadReportAsync(limited.Token);
            return report is { Data: > 0 } ? new ExecSession(folder, conmon, stdio, report.Data)
                : throw container.Runtime.CreateFailure($"exec in {container.Container.Name}", log, report?.Message ?? "");
        }
        catch (Exception failure)
        {
            // Before its pipe is closed: it takes the end of that for leave to go on.
            await Conmon.KillAsync(ConmonPidFile(folder));
            stdio?.Dispose();
            conmon.Dispose();
            if (failure is OperationCanceledException && !cancellation.IsCancellationRequested)
                throw container.Runtime.CreateTimeout($"exec in {container.Container.Name}", failure);
            throw;
        }
    }
}
