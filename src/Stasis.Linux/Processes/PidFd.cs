using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Events;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>A descriptor of a process: unlike a PID, it never means another process.</summary>
public sealed class PidFd : IDisposable
{
    private const int StartTimeField = 22; // proc_pid_stat(5)

    private readonly SafeFileHandle _handle;

    private PidFd(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens a process (pidfd_open(2)). Null if there is no such process.</summary>
    public static PidFd? Open(int pid)
    {
        var handle = Libc.pidfd_open(pid);
        if (!handle.IsInvalid)
            return new PidFd(handle);
        var errno = LinuxException.LastErrno;
        handle.Dispose();
        // EINVAL: a PID of 0 or below, or a thread that is no thread group leader.
        return errno is Errno.ESRCH or Errno.EINVAL
            ? null
            : throw new LinuxException("pidfd_open", pid.ToString(CultureInfo.InvariantCulture), errno);
    }

    /// <summary>
    /// The start time of a process in clock ticks since boot (proc(5), stat field 22); null if there is none, or it is a zombie.
    /// </summary>
    public static ulong? StartTime(int pid) => ProcStat.TryRead(pid) is { HasEnded: false } stat ? (ulong)stat[StartTimeField] : null;

    /// <summary>Sends a signal (pidfd_send_signal(2)). False if the process has ended.</summary>
    public bool Signal(int signal)
    {
        if (Libc.pidfd_send_signal(_handle, signal) == 0)
            return true;
        return LinuxException.LastErrno == Errno.ESRCH ? false : throw LinuxException.Last("pidfd_send_signal");
    }

    /// <summary>Whether the process has ended. A zombie has.</summary>
    public bool HasEnded => DescriptorWait.IsReadable(_handle);

    /// <summary>Waits until the process has ended. The process needn't be a child.</summary>
    public Task WaitAsync(CancellationToken cancellation) => DescriptorWait.WaitAsync(_handle, cancellation);

    /// <summary>Blocks until the process has ended. False if the time limit has passed.</summary>
    public bool TryWait(TimeSpan limit) => DescriptorWait.WaitForAny(_handle, null, limit);

    /// <summary>Kills this process with SIGKILL: no handler, finally block or flush runs. For fault points.</summary>
    public static void KillSelf() => _ = Libc.kill(Libc.getpid(), Signals.Kill);

    internal SafeFileHandle Handle => _handle;

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
