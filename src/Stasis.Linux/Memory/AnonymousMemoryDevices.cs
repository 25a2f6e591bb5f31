using System.Globalization;
using System.Numerics;
using Stasis.Linux.Files;
using Stasis.Linux.Native;

namespace Stasis.Linux.Memory;

/// <summary>
/// The kernel's own mounts of memory without a name, which lie in no mount namespace: shared memory (memfd_create(2), shmget(2), shared
/// mappings of /dev/zero), the same in huge pages, rings of asynchronous I/O (io_setup(2)).
/// </summary>
public static class AnonymousMemoryDevices
{
    private const string HugePages = "/sys/kernel/mm/hugepages"; // hugepages-2048kB
    private const int HugeSizeShift = 26; // MFD_HUGE_SHIFT: above it, the logarithm of the page's size

    private static readonly Lazy<ulong> Shared = new(() => ReadShared(0) ?? throw LinuxException.Last("memfd_create"));
    private static readonly Lazy<HashSet<ulong>> Huge = new(ReadHuge);

    // Looked at last: ending asynchronous I/O takes the kernel some ten milliseconds.
    private static readonly Lazy<ulong?> Rings = new(AioRing.ReadDevice);

    /// <summary>Whether a device (dev_t) is that of one of their file systems.</summary>
    public static bool Contains(ulong device) => device == Shared.Value || Huge.Value.Contains(device) || device == Rings.Value;

    private static HashSet<ulong> ReadHuge() =>
    [
        .. (Directory.Exists(HugePages) ? Directory.GetDirectories(HugePages) : [])
            .Select(size => ReadShared(Libc.MFD_HUGETLB | (uint)Logarithm(Path.GetFileName(size)) << HugeSizeShift)).OfType<ulong>(),
    ];

    private static ulong? ReadShared(uint flags)
    {
        using var file = Libc.memfd_create("stasis", Libc.MFD_CLOEXEC | flags);
        return file.IsInvalid ? null : FileStatus.Read(file).ContainingDevice;
    }

    private static int Logarithm(string folder) =>
        BitOperations.Log2(ulong.Parse(folder["hugepages-".Length..^"kB".Length], NumberStyles.None, CultureInfo.InvariantCulture) << 10);
}
