using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Events;

/// <summary>Waits for descriptors with poll(2), on a thread of the wait's own: waits are long, few, and must not starve the pool.</summary>
internal static unsafe class Poller
{
    public static bool IsReadable(SafeFileHandle handle)
    {
        using var held = new Borrowed(handle);
        var entry = new Libc.PollFd { Fd = held.Fd, Events = Libc.POLLIN };
        return Poll(new Span<Libc.PollFd>(ref entry), 0) > 0;
    }

    public static Task WaitAsync(SafeFileHandle handle, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return Task.FromCanceled(cancellation);
        if (IsReadable(handle))
            return Task.CompletedTask;
        return Task.Factory.StartNew(() => Wait(handle, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Blocks the caller.</summary>
    public static void WaitUntilWritable(SafeFileHandle handle)
    {
        using var held = new Borrowed(handle);
        var entry = new Libc.PollFd { Fd = held.Fd, Events = Libc.POLLOUT };
        Poll(new Span<Libc.PollFd>(ref entry), -1);
    }

    private static void Wait(SafeFileHandle handle, CancellationToken cancellation)
    {
        using var wake = new WakeUp(cancellation);
        using var held = new Borrowed(handle);
        using var heldWake = new Borrowed(wake.Handle);
        Poll([new() { Fd = held.Fd, Events = Libc.POLLIN }, new() { Fd = heldWake.Fd, Events = Libc.POLLIN }], -1);
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>poll(2), again if a signal interrupts it and there is no time limit. Gives the number of descriptors that are ready.</summary>
    public static int Poll(Span<Libc.PollFd> entries, int milliseconds)
    {
        fixed (Libc.PollFd* p = entries)
        {
            while (true)
            {
                var ready = Libc.poll(p, (nuint)entries.Length, milliseconds);
                if (ready >= 0)
                    return ready;
                if (LinuxException.LastErrno != Errno.EINTR)
                    throw LinuxException.Last("poll");
                if (milliseconds >= 0)
                    return 0;
            }
        }
    }
}
