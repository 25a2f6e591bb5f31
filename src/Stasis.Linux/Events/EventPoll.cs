using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Events;

/// <summary>Waits for many descriptors at once (epoll(7)): each has a number, by which it is told that it can be read.</summary>
public sealed unsafe class EventPoll : IDisposable
{
    private const int Most = 64;

    private readonly SafeFileHandle _handle;

    /// <summary>One without descriptors.</summary>
    public EventPoll()
    {
        _handle = Libc.epoll_create1(Libc.O_CLOEXEC);
        if (_handle.IsInvalid)
            throw LinuxException.Last("epoll_create1");
    }

    /// <summary>Waits for a descriptor too.</summary>
    public void Add(SafeFileHandle descriptor, uint number)
    {
        // The number stands in the first half of the data, which on x86-64 follows the events at once.
        var entry = new Libc.EpollEvent { Events = Libc.EPOLLIN };
        entry.Data[DataIndex] = number;
        if (Libc.epoll_ctl(_handle, Libc.EPOLL_CTL_ADD, descriptor, &entry) != 0)
            throw LinuxException.Last("epoll_ctl");
    }

    /// <summary>No longer waits for it. To be called before it is closed: a descriptor that another process shares stays in.</summary>
    public void Remove(SafeFileHandle descriptor)
    {
        if (Libc.epoll_ctl(_handle, Libc.EPOLL_CTL_DEL, descriptor, null) != 0)
            throw LinuxException.Last("epoll_ctl");
    }

    /// <summary>Waits until one can be read, or for so many milliseconds (-1: without end).</summary>
    /// <returns>How many numbers were put into <paramref name="ready"/>.</returns>
    public int Wait(Span<uint> ready, int milliseconds)
    {
        var events = stackalloc byte[Most * sizeof(Libc.EpollEvent)];
        var count = Libc.epoll_wait(_handle, events, Math.Min(ready.Length, Most), milliseconds);
        if (count < 0)
            return LinuxException.LastErrno == Errno.EINTR ? 0 : throw LinuxException.Last("epoll_wait");
        for (var i = 0; i < count; i++)
            ready[i] = ((Libc.EpollEvent*)(events + i * Libc.EpollEventSize))->Data[DataIndex];
        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static int DataIndex => Libc.EpollEventSize == 12 ? 0 : 1;
}
