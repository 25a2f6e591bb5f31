using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Memory;

/// <summary>
/// A descriptor to supply missing pages of a process (userfaultfd(2)). When the last copy of the descriptor is closed, pages that are still
/// missing become zero.
/// </summary>
public sealed unsafe class UserFaultFd : IDisposable
{
    // UFFD_FEATURE_EVENT_FORK, _REMAP, _REMOVE, _UNMAP.
    private const ulong Events = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 6;

    /// <summary>Takes ownership of a descriptor that another process has opened.</summary>
    public UserFaultFd(SafeFileHandle handle) => Handle = handle;

    /// <summary>The descriptor; readable when an event is pending.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Opens a descriptor for this process's own memory, with all events.</summary>
    public static UserFaultFd Open()
    {
        var handle = Libc.userfaultfd();
        if (handle.IsInvalid)
            throw LinuxException.Last("userfaultfd");
        var api = new Libc.UffdioApi { Api = 0xAA, Features = Events };
        if (Libc.ioctl(handle, Libc.UFFDIO_API, &api) != 0)
            throw LinuxException.Last("userfaultfd");
        if (Libc.fcntl(handle, Libc.F_SETFL, Libc.O_NONBLOCK) != 0)
            throw LinuxException.Last("fcntl");
        return new UserFaultFd(handle);
    }

    /// <summary>Registers a range: a thread that touches a missing page waits until the page is supplied.</summary>
    public void Register(ulong address, long length)
    {
        var register = new Libc.UffdioRegister { Range = Range(address, length), Mode = Libc.UFFDIO_REGISTER_MODE_MISSING };
        if (Libc.ioctl(Handle, Libc.UFFDIO_REGISTER, &register) != 0)
            throw LinuxException.Last("userfaultfd register");
    }

    /// <summary>
    /// Takes pending events. A thread that forked, unmapped, moved or discarded memory waits until its event has been taken.
    /// </summary>
    /// <returns>How many events; 0 if none is pending.</returns>
    public int Read(Span<UserFaultEvent> events)
    {
        Span<Libc.UffdMessage> messages = stackalloc Libc.UffdMessage[Math.Min(events.Length, 64)];
        nint bytes;
        fixed (Libc.UffdMessage* m = messages)
            bytes = Libc.read(Handle, (byte*)m, (nuint)(messages.Length * sizeof(Libc.UffdMessage)));
        if (bytes < 0)
            return LinuxException.LastErrno is Errno.EAGAIN or Errno.EINTR ? 0 : throw LinuxException.Last("read", "userfaultfd");
        var count = (int)bytes / sizeof(Libc.UffdMessage);
        for (var i = 0; i < count; i++)
            events[i] = Event(messages[i]);
        return count;
    }

    /// <summary>
    /// Supplies missing pages with copies of the memory at <paramref name="source"/> in this process, and wakes the threads that
    /// wait for them. Stops at the first page that can't be supplied: EEXIST if the page isn't missing; ENOENT if nothing
    /// registered is mapped there, or the range goes over the end of a mapping; EAGAIN while an event is pending; ESRCH if the
    /// process has ended.
    /// </summary>
    public UserFaultCopyResult Copy(ulong address, nint source, long length)
    {
        var copy = new Libc.UffdioCopy { Destination = address, Source = (ulong)source, Length = (ulong)length };
        return Libc.ioctl(Handle, Libc.UFFDIO_COPY, &copy) == 0 ? new(length, Errno.None) : UserFaultCopyResult.Partly(copy.Copied);
    }

    /// <summary>Supplies missing pages with zeros. Otherwise like <see cref="Copy"/>.</summary>
    public UserFaultCopyResult Zero(ulong address, long length)
    {
        var zero = new Libc.UffdioZeroPage { Range = Range(address, length) };
        return Libc.ioctl(Handle, Libc.UFFDIO_ZEROPAGE, &zero) == 0 ? new(length, Errno.None) : UserFaultCopyResult.Partly(zero.Zeroed);
    }

    /// <summary>Wakes threads that wait for pages of a range.</summary>
    public void Wake(ulong address, long length)
    {
        var range = Range(address, length);
        if (Libc.ioctl(Handle, Libc.UFFDIO_WAKE, &range) != 0)
            throw LinuxException.Last("userfaultfd wake");
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private static Libc.UffdioRange Range(ulong address, long length) => new() { Start = address, Length = (ulong)length };

    private static UserFaultFd TakeDescriptor(uint number) => new(new SafeFileHandle((nint)number, ownsHandle: true));

    private static UserFaultEvent Event(in Libc.UffdMessage message) => message.Event switch
    {
        Libc.UFFD_EVENT_PAGEFAULT => new(UserFaultKind.Missing, message.Second, 0, 0, null),
        Libc.UFFD_EVENT_FORK => new(UserFaultKind.Fork, 0, 0, 0, TakeDescriptor((uint)message.First)),
        Libc.UFFD_EVENT_REMAP => new(UserFaultKind.Move, message.First, message.Second, (long)message.Third, null),
        Libc.UFFD_EVENT_REMOVE => new(UserFaultKind.Discard, message.First, 0, (long)(message.Second - message.First), null),
        Libc.UFFD_EVENT_UNMAP => new(UserFaultKind.Unmap, message.First, 0, (long)(message.Second - message.First), null),
        _ => throw new InvalidDataException($"userfaultfd: unexpected event {message.Event:x}"),
    };
}
