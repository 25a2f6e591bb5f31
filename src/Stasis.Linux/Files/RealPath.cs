using System.Globalization;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>Resolves paths.</summary>
public static class RealPath
{
    /// <summary>Resolves all symbolic links of a path, as the kernel does; null if there is no such file.</summary>
    public static string? TryResolve(string path)
    {
        using var file = Libc.open(path, Libc.O_PATH | Libc.O_CLOEXEC, 0);
        if (file.IsInvalid)
            return LinuxException.LastErrno is Errno.ENOENT or Errno.ENOTDIR ? null : throw LinuxException.Last("open", path);
        using var held = new Borrowed(file);
        return new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{held.Fd}")).LinkTarget;
    }
}
