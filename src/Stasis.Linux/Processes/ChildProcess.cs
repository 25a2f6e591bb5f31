using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>A child process, held by pidfd: waits need no SIGCHLD, and a signal can't hit another process that got its PID.</summary>
public sealed class ChildProcess : IDisposable
{
    private readonly PidFd _pidFd;
    private readonly Lock _lock = new();
    private int? _exitCode;

    internal ChildProcess(int id)
    {
        Id = id;
        // Not reaped yet, so the PID is still its own. Nor can it be gone, unless the caller of this program had SIGCHLD ignored.
        _pidFd = PidFd.Open(id) ?? throw new LinuxException("pidfd_open", null, Errno.ESRCH);
    }

    /// <summary>Its PID.</summary>
    public int Id { get; }

    /// <summary>Waits for its end: the exit code, or 128 + signal. Cancelling only stops waiting.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellation)
    {
        await _pidFd.WaitAsync(cancellation);
        return Reap();
    }

    /// <summary>Sends it a signal. Nothing if it has ended.</summary>
    public void Signal(int signal) => _pidFd.Signal(signal);

    internal PidFd PidFd => _pidFd;

    /// <summary>Kills its process group; it must be the group's leader, and not yet reaped.</summary>
    internal void KillGroup() => _ = Libc.kill(-Id, Signals.Kill);

    /// <summary>The exit code of a child that has ended.</summary>
    internal int Reap()
    {
        lock (_lock)
            return _exitCode ??= TryReap() ?? throw new InvalidOperationException($"process {Id} has not ended");
    }

    private unsafe int? TryReap()
    {
        Libc.SignalInfo info = default;
        if (Libc.waitid(Libc.P_PIDFD, _pidFd.Handle, &info, Libc.WEXITED | Libc.WNOHANG) != 0)
            throw LinuxException.Last("waitid");
        if (info.Pid == 0)
            return null;
        return info.Code == Libc.CLD_EXITED ? info.Status : 128 + info.Status;
    }

    /// <summary>Lets go of it. It lives on if it hasn't ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_exitCode is null && !_pidFd.Handle.IsClosed)
                _exitCode = TryReap(); // else it would stay a zombie as long as this process lives
        }

        _pidFd.Dispose();
    }
}
