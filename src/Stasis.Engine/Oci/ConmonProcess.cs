using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Oci;

/// <summary>
/// A conmon that is being started: its pipes. It is given the few descriptors that it knows of by its environment, leads a process group (then a session) of its
/// own, and lives in a cgroup of its own.
/// </summary>
internal sealed class ConmonProcess : IDisposable
{
    private const int Sync = 3;
    private const int Start = 4;
    private const int Attach = 5;

    private readonly ChildProcess _process;
    private readonly FileStream _start;
    private readonly StreamReader _reports;
    private readonly StreamReader _attachable;
    private readonly Task<string> _complaints;

    private ConmonProcess(ChildProcess process, SafeFileHandle start, SafeFileHandle reports, SafeFileHandle attachable, SafeFileHandle complaints)
    {
        _process = process;
        _start = new FileStream(start, FileAccess.Write, bufferSize: 0);
        (_reports, _attachable) = (Reader(reports), Reader(attachable));
        _complaints = Task.Run(Reader(complaints).ReadToEnd);
    }

    /// <summary>Starts it. With <paramref name="attach"/> (of an exec) it waits, once <see cref="AttachableAsync"/> has completed, for <see cref="Go"/>.</summary>
    public static ConmonProcess Launch(Runtime runtime, IReadOnlyList<string> arguments, string workingDirectory, bool attach = false)
    {
        var (sync, start, ready, error) = (Spawn.Pipe(), Spawn.Pipe(), Spawn.Pipe(), Spawn.Pipe());
        using (sync.Write)
        using (start.Read)
        using (ready.Write)
        using (error.Write)
        {
            var descriptors = new Dictionary<int, SafeFileHandle> { [1] = error.Write, [2] = error.Write, [Sync] = sync.Write, [Start] = start.Read };
            if (attach)
                descriptors[Attach] = ready.Write;
            var process = runtime.Log.Commands.Start(new SpawnOptions
            {
                Program = Conmon.Find(),
                Arguments = arguments,
                Environment = [.. runtime.Environment, $"_OCI_SYNCPIPE={Sync}", $"_OCI_STARTPIPE={Start}", .. attach ? [$"_OCI_ATTACHPIPE={Attach}"] : (string[])[]],
                WorkingDirectory = workingDirectory,
                Descriptors = descriptors,
                NewProcessGroup = true,
                // runc gives a container that it creates a keyring, but not one that it restores: that would have the caller's, and the default
                // seccomp profile allows keyctl.
                NewSessionKeyring = true,
            });
            try
            {
                ConmonCgroup.Join(process.Id);
                var conmon = new ConmonProcess(process, start.Write, sync.Read, ready.Read, error.Read);
                // It waits for this before it forks, so that all that comes from it is in the cgroup.
                conmon.Go();
                return conmon;
            }
            catch
            {
                // It takes the end of that pipe for leave to go on.
                process.Signal(Signals.Kill);
                process.Dispose();
                throw;
            }
        }
    }

    /// <summary>Waits until it has forked itself away, which takes it no time: then its PID file is there. Failed, it is dead.</summary>
    /// <exception cref="StasisException">It refused, with its words, or it hangs.</exception>
    public async Task ForkedAsync(TimeSpan limit, CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(limit);
        try
        {
            if (await _process.WaitAsync(limited.Token) is not 0 and var code)
                throw new StasisException($"conmon: exit code {code}: {(await _complaints).Trim()}");
        }
        catch (OperationCanceledException late)
        {
            _process.Signal(Signals.Kill);
            await _process.WaitAsync(CancellationToken.None);
            if (cancellation.IsCancellationRequested)
                throw;
            throw new StasisException($"conmon: did not start within {limit.TotalSeconds} s, killed", late);
        }
    }

    /// <summary>Its next report; null if it has ended without one.</summary>
    public async Task<ConmonReport?> ReportAsync(CancellationToken cancellation) =>
        await Task.Run(_reports.ReadLine, CancellationToken.None).WaitAsync(cancellation) is { } line
            ? JsonSerializer.Deserialize(line, EngineJson.Default.ConmonReport) : null;

    /// <summary>Waits until its attach socket is there.</summary>
    public async Task AttachableAsync(CancellationToken cancellation) => await Task.Run(_attachable.ReadLine, CancellationToken.None).WaitAsync(cancellation);

    /// <summary>Lets it go on.</summary>
    public void Go() => _start.WriteByte(0);

    // Readers that are still waiting keep their descriptor until conmon closes its end.
    public void Dispose()
    {
        _process.Dispose();
        _start.Dispose();
    }

    private static StreamReader Reader(SafeFileHandle pipe) => new(new FileStream(pipe, FileAccess.Read, bufferSize: 0), Encoding.UTF8);
}
