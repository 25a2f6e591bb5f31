using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>Descriptors of open files.</summary>
public static class FileHandles
{
    /// <summary>One more descriptor of the same open file (dup(2)): position, locks and leases are the same.</summary>
    public static SafeFileHandle Duplicate(SafeFileHandle file)
    {
        var copy = new SafeFileHandle(Libc.fcntl(file, Libc.F_DUPFD_CLOEXEC, 3), ownsHandle: true);
        return copy.IsInvalid ? throw LinuxException.Last("dup") : copy;
    }
}
