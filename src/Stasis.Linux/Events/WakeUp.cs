using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Events;

/// <summary>A descriptor that becomes readable when a token is cancelled, so that poll(2) can wait for it too.</summary>
internal sealed unsafe class WakeUp : IDisposable
{
    private readonly CancellationTokenRegistration _registration;

    public WakeUp(CancellationToken cancellation)
    {
        Handle = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        if (Handle.IsInvalid)
            throw LinuxException.Last("eventfd");
        _registration = cancellation.UnsafeRegister(static state => ((WakeUp)state!).Fire(), this);
    }

    public SafeFileHandle Handle { get; }

    private void Fire()
    {
        ulong one = 1;
        _ = Libc.write(Handle, (byte*)&one, sizeof(ulong));
    }

    public void Dispose()
    {
        _registration.Dispose(); // waits for a Fire that is under way
        Handle.Dispose();
    }
}
