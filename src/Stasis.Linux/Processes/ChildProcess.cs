using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Events;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>A child process, held by a pidfd: waiting needs no SIGCHLD, and a signal can't hit another process with a reused PID.</summary>
public sealed class ChildProcess : IDisposable
{
    private readonly PidFd _pidFd;
    private readonly Lock _lock = new();
    private int? _exitCode;

    internal ChildProcess(int id)
    {
        Id = id;
        // The child isn't reaped yet, so its PID isn't reused. ESRCH is possible only if this process was started with SIGCHLD ignored.
        _pidFd = PidFd.Open(id) ?? throw new LinuxException("pidfd_open", null, Errno.ESRCH);
    }

    /// <summary>The child's PID.</summary>
    public int Id { get; }

    /// <summary>Waits until the child has ended. Cancelling stops waiting; the child runs on.</summary>
    /// <returns>The exit code, or 128 + the signal that ended the child.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellation)
    {
        await _pidFd.WaitAsync(cancellation);
        return Reap();
    }

    /// <summary>Blocks until the child has ended. Starts no thread, as waiting for a task would.</summary>
    /// <returns>As <see cref="WaitAsync"/>.</returns>
    public int Wait()
    {
        lock (_lock)
            return _exitCode ??= TryReap(options: 0)!.Value;
    }

    /// <summary>Blocks until the child has ended; it isn't reaped. Starts no thread. False if the time limit has passed.</summary>
    public bool TryWait(TimeSpan limit) => _pidFd.TryWait(limit);

    /// <summary>
    /// Blocks until a descriptor is readable or the child has ended. Starts no thread. False if the time limit has passed.
    /// </summary>
    public bool TryWaitForInput(SafeFileHandle descriptor, TimeSpan limit) => DescriptorWait.WaitForAny(_pidFd.Handle, descriptor, limit);

    /// <summary>Sends a signal to the child. Does nothing if the child has ended.</summary>
    public void Signal(int signal) => _pidFd.Signal(signal);

    internal PidFd PidFd => _pidFd;

    /// <summary>Kills the child's process group. The child must be the group's leader, and not reaped yet.</summary>
    internal void KillGroup() => _ = Libc.kill(-Id, Signals.Kill);

    /// <summary>The exit code of a child that has ended.</summary>
    internal int Reap()
    {
        lock (_lock)
            return _exitCode ??= TryReap() ?? throw new InvalidOperationException($"process {Id} has not ended");
    }

    private unsafe int? TryReap(int options = Libc.WNOHANG)
    {
        Libc.SignalInfo info = default;
        while (Libc.waitid(Libc.P_PIDFD, _pidFd.Handle, &info, Libc.WEXITED | options) != 0)
        {
            if (LinuxException.LastErrno != Errno.EINTR)
                throw LinuxException.Last("waitid");
        }
        if (info.Pid == 0)
            return null;
        return info.Code == Libc.CLD_EXITED ? info.Status : 128 + info.Status;
    }

    /// <summary>Closes the pidfd. A child that hasn't ended runs on.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_exitCode is null && !_pidFd.Handle.IsClosed)
                _exitCode = TryReap(); // otherwise the child would stay a zombie as long as this process runs
        }

        _pidFd.Dispose();
    }
}
