using Microsoft.Win32.SafeHandles;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Sees to it that a container doesn't stand still for good if this process is killed: a shell of a session of its own waits until this is disposed, or else this process has ended, and then runs a command,
/// any one, since each begins with putting right what was left half-done. Where there is no shell, that comes with the next command.
/// </summary>
internal sealed class ThawWatchdog : IDisposable
{
    // The end of its input is the end of this process, which alone has the other end.
    private const string Script = """read -r _ || exec "$@" """;

    private readonly ChildProcess? _shell;
    private readonly SafeFileHandle _alive;

    private ThawWatchdog(ChildProcess? shell, SafeFileHandle alive) => (_shell, _alive) = (shell, alive);

    /// <summary>Begins it.</summary>
    public static ThawWatchdog Start(StasisEngine engine, string container)
    {
        var (ended, alive) = Spawn.Pipe();
        using (ended)
        {
            try
            {
                return new ThawWatchdog(engine.Log.Commands.Start(new SpawnOptions
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

    public void Dispose()
    {
        _shell?.Signal(Signals.Kill);
        _alive.Dispose();
        _shell?.WaitAsync(CancellationToken.None).GetAwaiter().GetResult();
        _shell?.Dispose();
    }
}
