using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Events;

/// <summary>Wakes a thread that waits for descriptors (eventfd(2)).</summary>
public sealed unsafe class WakeSignal : IDisposable
{
    /// <summary>One that isn't set.</summary>
    public WakeSignal()
    {
        Handle = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        if (Handle.IsInvalid)
            throw LinuxException.Last("eventfd");
    }

    /// <summary>Readable while it is set.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Sets it, from any thread.</summary>
    public void Set()
    {
        ulong one = 1;
        _ = Libc.write(Handle, (byte*)&one, sizeof(ulong)); // fails only where it is set 2^64 times already
    }

    /// <summary>It is no longer set.</summary>
    public void Clear()
    {
        ulong count;
        _ = Libc.read(Handle, (byte*)&count, sizeof(ulong)); // fails only where it isn't set
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
