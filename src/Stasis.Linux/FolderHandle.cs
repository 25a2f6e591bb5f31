using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux;

/// <summary>A folder held open (O_PATH), to name what lies in it by a short path: a socket's may have no more than 107 bytes (unix(7)).</summary>
public sealed class FolderHandle : IDisposable
{
    private readonly SafeFileHandle _handle;

    private FolderHandle(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens a folder.</summary>
    public static FolderHandle Open(string path)
    {
        var handle = Libc.open(path, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        return handle.IsInvalid ? throw LinuxException.Last("open", path) : new FolderHandle(handle);
    }

    /// <summary>A short path of an entry, good in this process as long as this is held.</summary>
    public string ShortPath(string name)
    {
        using var held = new Borrowed(_handle);
        return string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{held.Fd}/{name}");
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
