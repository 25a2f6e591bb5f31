using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>Descriptors of open files.</summary>
public static class FileDescriptors
{
    /// <summary>Duplicates a descriptor (dup(2)): both share the open file with its position, locks and leases.</summary>
    public static SafeFileHandle Duplicate(SafeFileHandle file)
    {
        var copy = new SafeFileHandle(Libc.fcntl(file, Libc.F_DUPFD_CLOEXEC, 3), ownsHandle: true);
        return copy.IsInvalid ? throw LinuxException.Last("dup") : copy;
    }
}
