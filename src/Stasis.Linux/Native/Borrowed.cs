using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>The number of a descriptor. Until this is disposed of, the descriptor can't be closed, nor its number be reused.</summary>
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
