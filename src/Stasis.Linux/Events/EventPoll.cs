using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Events;

/// <summary>An epoll(7) instance: waits until any of many descriptors is readable. The caller gives each descriptor a number.</summary>
public sealed unsafe class EventPoll : IDisposable
{
    private const int MaxEvents = 64;

    private readonly SafeFileHandle _handle;

    /// <summary>Creates an instance without descriptors.</summary>
    public EventPoll()
    {
        _handle = Libc.epoll_create1(Libc.O_CLOEXEC);
        if (_handle.IsInvalid)
            throw LinuxException.Last("epoll_create1");
    }

    /// <summary>Adds a descriptor.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="number">What <see cref="Wait"/> returns for it.</param>
    public void Add(SafeFileHandle descriptor, uint number)
    {
        // The first half of the data holds the number. On x86-64 the data follows the events without padding.
        var entry = new Libc.EpollEvent { Events = Libc.EPOLLIN };
        entry.Data[DataIndex] = number;
        if (Libc.epoll_ctl(_handle, Libc.EPOLL_CTL_ADD, descriptor, &entry) != 0)
            throw LinuxException.Last("epoll_ctl");
    }

    /// <summary>
    /// Removes a descriptor. Call this before it is closed: a descriptor that another process shares isn't removed by closing it.
    /// </summary>
    public void Remove(SafeFileHandle descriptor)
    {
        if (Libc.epoll_ctl(_handle, Libc.EPOLL_CTL_DEL, descriptor, null) != 0)
            throw LinuxException.Last("epoll_ctl");
    }

    /// <summary>Waits until a descriptor is readable.</summary>
    /// <param name="ready">Gets the numbers of readable descriptors.</param>
    /// <param name="milliseconds">The time limit; -1 for none.</param>
    /// <returns>How many numbers were put into <paramref name="ready"/>; 0 after the time limit, or if a signal came.</returns>
    public int Wait(Span<uint> ready, int milliseconds)
    {
        var events = stackalloc byte[MaxEvents * sizeof(Libc.EpollEvent)];
        var count = Libc.epoll_wait(_handle, events, Math.Min(ready.Length, MaxEvents), milliseconds);
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
