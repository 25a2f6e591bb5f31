using Microsoft.Win32.SafeHandles;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Thaws the container if this process dies. A shell in a session of its own waits for the end of this process and then runs a
/// <c>stasis</c> command; each command begins by recovering what a killed process left half-done. Without a shell on the host,
/// the next command recovers it.
/// </summary>
internal sealed class ThawWatchdog : IAsyncDisposable
{
    // The shell's input ends when this process ends, which alone holds the other end of the pipe. A dying process can close that before it
    // releases the container's lock, without which the command leaves the container to its owner. So the command is run twice.
    private const string Script = """read -r _ || { "$@"; sleep 1; exec "$@"; }""";

    private readonly ChildProcess? _shell;
    private readonly SafeFileHandle _alive;

    private ThawWatchdog(ChildProcess? shell, SafeFileHandle alive) => (_shell, _alive) = (shell, alive);

    /// <summary>Starts the shell. The watchdog ends, without running the command, when the returned object is disposed.</summary>
    public static ThawWatchdog Start(StasisEngine engine, string container)
    {
        var (ended, alive) = Pipe.Create();
        using (ended)
        {
            try
            {
                return new ThawWatchdog(engine.Log.Programs.Start(new SpawnOptions
                {
                    Program = "sh",
                    Arguments = ["-c", Script, "sh", .. engine.Command.Line("container", "exists", container)],
                    Descriptors = new Dictionary<int, SafeFileHandle> { [0] = ended },
                    NewSession = true,
                }), alive);
            }
            catch (LinuxException)
            {
                return new ThawWatchdog(null, alive);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _shell?.Signal(Signals.Kill);
        _alive.Dispose();
        if (_shell is null)
            return;
        await _shell.WaitAsync(CancellationToken.None);
        _shell.Dispose();
    }
}
