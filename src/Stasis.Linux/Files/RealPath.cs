using System.Globalization;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>Where paths lead.</summary>
public static class RealPath
{
    /// <summary>The path without any link in it, as the kernel resolves it; null if it leads nowhere.</summary>
    public static string? TryOf(string path)
    {
        using var file = Libc.open(path, Libc.O_PATH | Libc.O_CLOEXEC, 0);
        if (file.IsInvalid)
            return LinuxException.LastErrno is Errno.ENOENT or Errno.ENOTDIR ? null : throw LinuxException.Last("open", path);
        using var held = new Borrowed(file);
        return new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{held.Fd}")).LinkTarget;
    }
}
