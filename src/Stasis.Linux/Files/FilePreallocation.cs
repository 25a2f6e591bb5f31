using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>Allocates disk space for files.</summary>
public static class FilePreallocation
{
    /// <summary>
    /// Extends an empty file with zeros, and allocates disk space for it (fallocate(2)). If the file system can't, the file is
    /// extended without.
    /// </summary>
    /// <exception cref="LinuxException">ENOSPC if the disk is full.</exception>
    public static void Allocate(SafeFileHandle file, long length)
    {
        if (length == 0)
            return;
        while (Libc.fallocate(file, 0, 0, length) != 0)
        {
            if (LinuxException.LastErrno == Errno.EINTR)
                continue;
            if (LinuxException.LastErrno is not (Errno.EOPNOTSUPP or Errno.ENOSYS))
                throw LinuxException.Last("fallocate");
            if (Libc.ftruncate(file, length) != 0)
                throw LinuxException.Last("ftruncate");
            return;
        }
    }
}
