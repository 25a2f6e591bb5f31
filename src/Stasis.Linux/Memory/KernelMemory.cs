using System.Globalization;
using System.Numerics;
using Stasis.Linux.Files;
using Stasis.Linux.Native;

namespace Stasis.Linux.Memory;

/// <summary>
/// The kernel's own mounts of memory without a name, which lie in no mount namespace: shared memory (memfd_create(2), shmget(2), shared
/// mappings of /dev/zero), the same in huge pages, rings of asynchronous I/O (io_setup(2)).
/// </summary>
public static class KernelMemory
{
    private const string HugePages = "/sys/kernel/mm/hugepages"; // hugepages-2048kB
    private const int HugeSizeShift = 26; // MFD_HUGE_SHIFT: above it, the logarithm of the page's size

    /// <summary>The devices (dev_t) of their file systems.</summary>
    public static IReadOnlySet<ulong> Devices => field ??= ReadDevices();

    private static HashSet<ulong> ReadDevices()
    {
        HashSet<ulong> devices = [ReadShared(0) ?? throw LinuxException.Last("memfd_create")];
        foreach (var size in Directory.Exists(HugePages) ? Directory.GetDirectories(HugePages) : [])
            Add(ReadShared(Libc.MFD_HUGETLB | (uint)Logarithm(Path.GetFileName(size)) << HugeSizeShift));
        Add(AioRing.ReadDevice());
        return devices;

        void Add(ulong? device)
        {
            if (device is { } found)
                devices.Add(found);
        }
    }

    private static ulong? ReadShared(uint flags)
    {
        using var file = Libc.memfd_create("stasis", Libc.MFD_CLOEXEC | flags);
        return file.IsInvalid ? null : FileStatus.Read(file).ContainingDevice;
    }

    private static int Logarithm(string folder) =>
        BitOperations.Log2(ulong.Parse(folder["hugepages-".Length..^"kB".Length], NumberStyles.None, CultureInfo.InvariantCulture) << 10);
}
