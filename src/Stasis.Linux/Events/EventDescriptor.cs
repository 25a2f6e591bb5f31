using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Events;

/// <summary>An eventfd(2): a descriptor that is readable while it is set, to wake a thread that waits for descriptors.</summary>
public sealed unsafe class EventDescriptor : IDisposable
{
    private readonly CancellationTokenRegistration _registration;

    /// <summary>Creates a descriptor that isn't set.</summary>
    public EventDescriptor()
    {
        Handle = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        if (Handle.IsInvalid)
            throw LinuxException.Last("eventfd");
    }

    /// <summary>Creates a descriptor that is set when a token is cancelled.</summary>
    public EventDescriptor(CancellationToken cancellation) : this() =>
        _registration = cancellation.UnsafeRegister(static state => ((EventDescriptor)state!).Set(), this);

    /// <summary>The descriptor.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Sets the descriptor. May be called on any thread.</summary>
    public void Set()
    {
        ulong one = 1;
        _ = Libc.write(Handle, (byte*)&one, sizeof(ulong)); // fails only if it has been set 2^64 times
    }

    /// <summary>Resets the descriptor: it is no longer readable.</summary>
    public void Clear()
    {
        ulong count;
        _ = Libc.read(Handle, (byte*)&count, sizeof(ulong)); // fails only if it isn't set
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration.Dispose(); // waits for a Set that is running
        Handle.Dispose();
    }
}
