using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>Room on the disk for what a file is going to hold.</summary>
public static class FilePreallocation
{
    /// <summary>Makes an empty file so long, zero throughout, with room for all of it (fallocate(2)); without, where the file system can't.</summary>
    /// <exception cref="LinuxException">The disk is full.</exception>
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
