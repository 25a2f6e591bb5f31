using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Events;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>Processes held by descriptor, so that a recycled PID can't be hit.</summary>
public sealed class PidFd : IDisposable
{
    private readonly SafeFileHandle _handle;

    private PidFd(SafeFileHandle handle) => _handle = handle;

    /// <summary>pidfd_open(2). Null if there is no such process.</summary>
    public static PidFd? Open(int pid)
    {
        var handle = Libc.pidfd_open(pid);
        if (!handle.IsInvalid)
            return new PidFd(handle);
        var errno = LinuxException.LastErrno;
        handle.Dispose();
        // EINVAL: a PID of 0 or below, or a thread that leads no process.
        return errno is Errno.ESRCH or Errno.EINVAL ? null : throw new LinuxException("pidfd_open", pid.ToString(CultureInfo.InvariantCulture), errno);
    }

    /// <summary>Start time in clock ticks since boot (proc(5) stat field 22), or null if there is no such process (or it is a zombie).</summary>
    public static ulong? StartTime(int pid)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (IOException)
        {
            return null;
        }

        // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] is "Z" or "X" ? null : ulong.Parse(fields[22 - 3], CultureInfo.InvariantCulture);
    }

    /// <summary>pidfd_send_signal(2). False if the process has ended.</summary>
    public bool Signal(int signal)
    {
        if (Libc.pidfd_send_signal(_handle, signal) == 0)
            return true;
        return LinuxException.LastErrno == Errno.ESRCH ? false : throw LinuxException.Last("pidfd_send_signal");
    }

    /// <summary>Whether it has ended (a zombie has).</summary>
    public bool HasEnded => Poller.IsReadable(_handle);

    /// <summary>Waits until it has ended (poll; works for processes that aren't children).</summary>
    public Task WaitAsync(CancellationToken cancellation) => Poller.WaitAsync(_handle, cancellation);

    /// <summary>SIGKILL to this very process: no handler, no finally, no flush. For fault points.</summary>
    public static void KillSelf() => _ = Libc.kill(Libc.getpid(), Signals.Kill);

    internal SafeFileHandle Handle => _handle;

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
