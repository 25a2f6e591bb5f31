using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>A descriptor's number, which can't be closed and given to another file as long as this is held.</summary>
internal readonly ref struct Borrowed : IDisposable
{
    private readonly SafeFileHandle _handle;

    public Borrowed(SafeFileHandle handle)
    {
        var added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
    }

    public int Fd => (int)_handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}
