using System.Runtime.InteropServices;
using Stasis.Linux.Native;

namespace Stasis.Linux;

/// <summary>Detects features of the kernel by using them: versions and configuration are not reliable.</summary>
public static unsafe class KernelFeatures
{
    private const nuint PageSize = 4096;

    /// <summary>
    /// Whether the kernel tracks pages that are written to (CONFIG_MEM_SOFT_DIRTY; Documentation/admin-guide/mm/soft-dirty.rst). Clears the
    /// soft-dirty bits of this process.
    /// </summary>
    /// <exception cref="IOException">/proc/self can't be read or written.</exception>
    public static bool HasSoftDirty()
    {
        var page = (byte*)NativeMemory.AlignedAlloc(PageSize, PageSize);
        try
        {
            *page = 1; // allocates the page
            using (var clear = File.OpenHandle("/proc/self/clear_refs", FileMode.Open, FileAccess.Write))
                RandomAccess.Write(clear, "4"u8, 0);
            *page = 2;
            Span<byte> entry = stackalloc byte[8];
            using var pagemap = File.OpenHandle("/proc/self/pagemap");
            RandomAccess.Read(pagemap, entry, (long)((nuint)page / PageSize * 8));
            return (BitConverter.ToUInt64(entry) >> 55 & 1) != 0;
        }
        finally
        {
            NativeMemory.AlignedFree(page);
        }
    }

    /// <summary>
    /// Whether this process may use userfaultfd(2) with the events that CRIU needs for lazy-pages (fork, remap, remove, unmap).
    /// </summary>
    public static bool HasUserFaultFd()
    {
        const ulong events = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 6;
        using var descriptor = Libc.userfaultfd();
        if (descriptor.IsInvalid)
            return false;
        var api = new Libc.UffdioApi { Api = 0xAA, Features = events };
        return Libc.ioctl(descriptor, Libc.UFFDIO_API, &api) == 0;
    }

    /// <summary>
    /// Whether hardware breakpoints fire. Some virtual machines accept them, but never fire; CRIU before 4.2 waits for one at the
    /// end of a dump.
    /// </summary>
    public static bool HasHardwareBreakpoints()
    {
        var watched = (int*)NativeMemory.AlignedAlloc(sizeof(int), sizeof(long));
        try
        {
            var attributes = new Libc.PerfEventAttr
            {
                Type = Libc.PERF_TYPE_BREAKPOINT,
                Size = (uint)sizeof(Libc.PerfEventAttr),
                Flags = Libc.PERF_EXCLUDE_KERNEL | Libc.PERF_EXCLUDE_HV,
                BreakpointType = Libc.HW_BREAKPOINT_W,
                BreakpointAddress = (ulong)watched,
                BreakpointLength = sizeof(int),
            };
            using var counter = Libc.perf_event_open(&attributes);
            if (counter.IsInvalid)
                return false;
            Volatile.Write(ref *watched, 1);
            ulong count = 0;
            return Libc.read(counter, (byte*)&count, sizeof(ulong)) == sizeof(ulong) && count > 0;
        }
        finally
        {
            NativeMemory.AlignedFree(watched);
        }
    }

    /// <summary>Whether the kernel has a file system type (fsopen(2)). Loads its module if needed; mounts nothing.</summary>
    public static bool HasFileSystem(string type)
    {
        using var context = Libc.fsopen(type, Libc.FSOPEN_CLOEXEC);
        return !context.IsInvalid;
    }
}
