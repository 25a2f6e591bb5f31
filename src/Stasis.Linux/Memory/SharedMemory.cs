using Stasis.Linux.Files;
using Stasis.Linux.Native;

namespace Stasis.Linux.Memory;

/// <summary>The kernel's own mount of shared memory without a name: memfd_create(2), shmget(2), shared mappings of /dev/zero.</summary>
public static class SharedMemory
{
    /// <summary>The device (dev_t) of its file system.</summary>
    public static ulong Device => field != 0 ? field : field = ReadDevice();

    private static ulong ReadDevice()
    {
        using var file = Libc.memfd_create("stasis", Libc.MFD_CLOEXEC);
        return file.IsInvalid ? throw LinuxException.Last("memfd_create") : FileStatus.Read(file).ContainingDevice;
    }
}
