using System.Globalization;
using Stasis.Linux.Files;
using Stasis.Linux.Native;

namespace Stasis.Linux.Memory;

/// <summary>The memory that a process shares with the kernel for asynchronous I/O (io_setup(2)).</summary>
internal static class AioRing
{
    /// <summary>The device (dev_t) that such memory is mapped from; null where there is no asynchronous I/O, or no more of it.</summary>
    public static ulong? ReadDevice()
    {
        if (Libc.io_setup(1, out var ring) != 0)
            return null;
        try
        {
            // The context is the address of its mapping.
            var begin = ring.ToString("x", CultureInfo.InvariantCulture) + "-";
            var mapping = File.ReadLines("/proc/self/maps").First(line => line.TrimStart('0').StartsWith(begin, StringComparison.Ordinal));
            return FileMountStatus.TryRead($"/proc/self/map_files/{mapping.Split(' ')[0]}")?.Status.ContainingDevice;
        }
        finally
        {
            _ = Libc.io_destroy(ring);
        }
    }
}
