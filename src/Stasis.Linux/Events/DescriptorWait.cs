using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Events;

/// <summary>
/// Waits for descriptors with poll(2). A wait gets its own thread: waits are long and few, and must not starve the thread pool.
/// </summary>
internal static unsafe class DescriptorWait
{
    /// <summary>Whether a descriptor is readable now.</summary>
    public static bool IsReadable(SafeFileHandle handle)
    {
        using var held = new Borrowed(handle);
        var entry = new Libc.PollFd { Fd = held.Fd, Events = Libc.POLLIN };
        return Poll(new Span<Libc.PollFd>(ref entry), 0) > 0;
    }

    /// <summary>Waits until a descriptor is readable.</summary>
    public static Task WaitAsync(SafeFileHandle handle, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return Task.FromCanceled(cancellation);
        if (IsReadable(handle))
            return Task.CompletedTask;
        var wait = () => Wait(handle, cancellation);
        return Task.Factory.StartNew(wait, cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Blocks until a descriptor is writable.</summary>
    public static void WaitUntilWritable(SafeFileHandle handle)
    {
        using var held = new Borrowed(handle);
        var entry = new Libc.PollFd { Fd = held.Fd, Events = Libc.POLLOUT };
        Poll(new Span<Libc.PollFd>(ref entry), -1);
    }

    /// <summary>Blocks until one of two descriptors is readable. Starts no thread.</summary>
    /// <param name="first">One descriptor.</param>
    /// <param name="second">The other; null to wait for the first alone.</param>
    /// <param name="limit">The time limit; none if it is <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <returns>False if the time limit has passed.</returns>
    public static bool WaitForAny(SafeFileHandle first, SafeFileHandle? second, TimeSpan limit)
    {
        using var held = new Borrowed(first);
        using var heldToo = new Borrowed(second ?? first);
        Span<Libc.PollFd> entries = [new() { Fd = held.Fd, Events = Libc.POLLIN }, new() { Fd = heldToo.Fd, Events = Libc.POLLIN }];
        var (begun, isLimited) = (Stopwatch.GetTimestamp(), limit != Timeout.InfiniteTimeSpan);
        while (true)
        {
            var left = isLimited ? Math.Max(0, (limit - Stopwatch.GetElapsedTime(begun)).TotalMilliseconds) : -1;
            if (Poll(entries, (int)Math.Min(Math.Ceiling(left), int.MaxValue)) > 0)
                return true;
            if (left == 0)
                return false;
        }
    }

    private static void Wait(SafeFileHandle handle, CancellationToken cancellation)
    {
        using var cancelled = new EventDescriptor(cancellation);
        using var held = new Borrowed(handle);
        using var heldCancelled = new Borrowed(cancelled.Handle);
        Poll([new() { Fd = held.Fd, Events = Libc.POLLIN }, new() { Fd = heldCancelled.Fd, Events = Libc.POLLIN }], -1);
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>poll(2). Restarted if a signal interrupts it, unless there is a time limit.</summary>
    /// <param name="entries">The descriptors.</param>
    /// <param name="milliseconds">The time limit; -1 for none.</param>
    /// <returns>How many descriptors are ready.</returns>
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
