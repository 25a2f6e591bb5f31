using System.Runtime.InteropServices;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Exec;

/// <summary>
/// Forwards signals that reach this process to another process. Signals that come before <see cref="ForwardTo"/> are kept for it.
/// </summary>
internal sealed class SignalProxy : IDisposable
{
    // SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM: the signals that people and service managers send.
    // PosixSignalRegistration takes raw numbers.
    private static readonly int[] Forwarded = [1, 2, 3, 10, 12, 14, 15];

    private readonly List<PosixSignalRegistration> _registrations;
    private readonly List<int> _early = [];
    private readonly Lock _lock = new();
    private PidFd? _target;

    /// <summary>Takes the signals: from now on they don't end this process.</summary>
    public SignalProxy() => _registrations =
    [
        .. Forwarded.Select(signal => PosixSignalRegistration.Create((PosixSignal)signal, context => Forward(context, signal))),
    ];

    /// <summary>Forwards signals to this process from now on, and those that came before.</summary>
    public void ForwardTo(int pid)
    {
        lock (_lock)
        {
            _target = PidFd.Open(pid);
            foreach (var signal in _early)
                _target?.Signal(signal);
            _early.Clear();
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        lock (_lock)
            _target?.Dispose();
    }

    private void Forward(PosixSignalContext context, int signal)
    {
        context.Cancel = true;
        lock (_lock)
        {
            if (_target is null)
                _early.Add(signal);
            else
                _target.Signal(signal);
        }
    }
}
