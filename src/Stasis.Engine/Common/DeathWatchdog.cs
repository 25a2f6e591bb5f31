using Microsoft.Win32.SafeHandles;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Common;

/// <summary>
/// Runs a command if this process dies: a shell in a session of its own waits for that. Without a shell on the host, nothing does.
/// </summary>
internal sealed class DeathWatchdog : IAsyncDisposable
{
    private readonly ChildProcess? _shell;
    private readonly SafeFileHandle _alive;

    private DeathWatchdog(ChildProcess? shell, SafeFileHandle alive) => (_shell, _alive) = (shell, alive);

    /// <summary>Starts the shell. The watchdog ends, without running the command, when the returned object is disposed.</summary>
    /// <param name="start">Starts a program.</param>
    /// <param name="script">
    /// Lines of a shell. Reading its standard input fails when this process has ended, which alone holds the other end of the pipe.
    /// </param>
    /// <param name="command">The script's arguments.</param>
    public static DeathWatchdog Start(Func<SpawnOptions, ChildProcess> start, string script, IReadOnlyList<string> command)
    {
        var (ended, alive) = Pipe.Create();
        using (ended)
        {
            try
            {
                return new DeathWatchdog(start(new SpawnOptions
                {
                    Program = "sh",
                    Arguments = ["-c", script, "sh", .. command],
                    Descriptors = new Dictionary<int, SafeFileHandle> { [0] = ended },
                    NewSession = true,
                }), alive);
            }
            catch (LinuxException)
            {
                return new DeathWatchdog(null, alive);
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
