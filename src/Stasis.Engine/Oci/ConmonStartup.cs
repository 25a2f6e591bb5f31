using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Errors;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Oci;

/// <summary>
/// A conmon that is being started, and the pipes to it. conmon inherits only the descriptors that its environment names, leads a
/// process group (later a session) of its own, and is in a cgroup apart from the caller's.
/// </summary>
internal sealed class ConmonStartup : IDisposable
{
    private const int SyncDescriptor = 3;
    private const int StartDescriptor = 4;
    private const int AttachDescriptor = 5;

    private readonly ChildProcess _process;
    private readonly FileStream _start;
    private readonly StreamReader _reports;
    private readonly StreamReader _attachable;
    private readonly Task<string> _errors;

    private ConmonStartup(
        ChildProcess process, SafeFileHandle start, SafeFileHandle reports, SafeFileHandle attachable, SafeFileHandle errors)
    {
        _process = process;
        _start = new FileStream(start, FileAccess.Write, bufferSize: 0);
        (_reports, _attachable) = (OpenReader(reports), OpenReader(attachable));
        _errors = Task.Run(OpenReader(errors).ReadToEnd);
    }

    /// <summary>Starts conmon in its cgroup.</summary>
    /// <param name="runtime">The runtime that conmon is to run.</param>
    /// <param name="arguments">See <see cref="ConmonArguments"/>.</param>
    /// <param name="workingDirectory">conmon's working directory.</param>
    /// <param name="attach">
    /// For an exec session: once <see cref="WaitUntilAttachableAsync"/> has completed, conmon waits for <see cref="Continue"/>
    /// before it runs the command.
    /// </param>
    public static ConmonStartup Start(Runtime runtime, IReadOnlyList<string> arguments, string workingDirectory, bool attach = false)
    {
        var (sync, start, ready, error) = (Pipe.Create(), Pipe.Create(), Pipe.Create(), Pipe.Create());
        using (sync.Write)
        using (start.Read)
        using (ready.Write)
        using (error.Write)
        {
            var descriptors = new Dictionary<int, SafeFileHandle>
            {
                [1] = error.Write,
                [2] = error.Write,
                [SyncDescriptor] = sync.Write,
                [StartDescriptor] = start.Read,
            };
            if (attach)
                descriptors[AttachDescriptor] = ready.Write;
            var process = runtime.Log.Programs.Start(new SpawnOptions
            {
                Program = ConmonAccess.Find(),
                Arguments = arguments,
                Environment =
                [
                    .. runtime.Environment, $"_OCI_SYNCPIPE={SyncDescriptor}", $"_OCI_STARTPIPE={StartDescriptor}",
                    .. attach ? [$"_OCI_ATTACHPIPE={AttachDescriptor}"] : (string[])[],
                ],
                WorkingDirectory = workingDirectory,
                Descriptors = descriptors,
                NewProcessGroup = true,
                // runc gives a container that it creates a keyring of its own, but not one that it restores. That one would have
                // the caller's keyring, and the default seccomp profile allows keyctl.
                NewSessionKeyring = true,
            });
            try
            {
                ConmonCgroup.Join(process.Id);
                var conmon = new ConmonStartup(process, start.Write, sync.Read, ready.Read, error.Read);
                // conmon waits for this before it forks, so that all of its children are in the cgroup.
                conmon.Continue();
                return conmon;
            }
            catch
            {
                // Closing the start pipe would let conmon go on, so it is killed first.
                process.Signal(Signals.Kill);
                process.Dispose();
                throw;
            }
        }
    }

    /// <summary>
    /// Waits until conmon has forked into the background, which takes no time; its PID file is then there. A conmon that fails
    /// here is dead.
    /// </summary>
    /// <param name="limit">A conmon that takes longer hangs, and is killed.</param>
    /// <param name="cancellation">A cancelled call kills conmon.</param>
    /// <exception cref="StasisException">conmon refused its arguments, with its own words, or it hung.</exception>
    public async Task WaitUntilForkedAsync(TimeSpan limit, CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(limit);
        try
        {
            if (await _process.WaitAsync(limited.Token) is not 0 and var code)
                throw new StasisException($"conmon: exit code {code}: {(await _errors).Trim()}");
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

    /// <summary>Reads the next report; null if conmon has ended without one.</summary>
    public async Task<ConmonReport?> ReadReportAsync(CancellationToken cancellation) =>
        await Task.Run(_reports.ReadLine, CancellationToken.None).WaitAsync(cancellation) is { } line
            ? JsonSerializer.Deserialize(line, EngineJson.Default.ConmonReport) : null;

    /// <summary>Waits until conmon's attach socket is there.</summary>
    public async Task WaitUntilAttachableAsync(CancellationToken cancellation) =>
        await Task.Run(_attachable.ReadLine, CancellationToken.None).WaitAsync(cancellation);

    /// <summary>Lets a conmon that waits go on.</summary>
    public void Continue() => _start.WriteByte(0);

    // A reader that still waits keeps its descriptor until conmon closes the other end.
    public void Dispose()
    {
        _process.Dispose();
        _start.Dispose();
    }

    private static StreamReader OpenReader(SafeFileHandle pipe) => new(new FileStream(pipe, FileAccess.Read, bufferSize: 0), Encoding.UTF8);
}
