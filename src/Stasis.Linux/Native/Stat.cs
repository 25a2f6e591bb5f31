using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>sys/stat.h, linux/stat.h.</summary>
internal static partial class Libc
{
    internal const uint S_IFMT = 0xF000;
    internal const uint S_IFSOCK = 0xC000;
    internal const uint S_IFLNK = 0xA000;
    internal const uint S_IFREG = 0x8000;
    internal const uint S_IFBLK = 0x6000;
    internal const uint S_IFDIR = 0x4000;
    internal const uint S_IFCHR = 0x2000;
    internal const uint S_IFIFO = 0x1000;

    internal const uint STATX_BASIC_STATS = 0x7ff;
    internal const uint STATX_BTIME = 0x800;
    internal const uint STATX_MNT_ID = 0x1000;
    internal const ulong STATX_ATTR_MOUNT_ROOT = 0x2000;

    [StructLayout(LayoutKind.Sequential)]
    internal struct StatxTimestamp
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Reserved;
    }

    [StructLayout(LayoutKind.Sequential, Size = 256)]
    internal struct Statx
    {
        public uint Mask;
        public uint BlockSize;
        public ulong Attributes;
        public uint LinkCount;
        public uint Uid;
        public uint Gid;
        public ushort Mode;
        public ushort Spare0;
        public ulong Inode;
        public ulong Size;
        public ulong Blocks;
        public ulong AttributesMask;
        public StatxTimestamp Access;
        public StatxTimestamp Birth;
        public StatxTimestamp Change;
        public StatxTimestamp Modification;
        public uint RdevMajor;
        public uint RdevMinor;
        public uint DevMajor;
        public uint DevMinor;
        public ulong MountId;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(int directory, string path, int flags, uint mask, out Statx result);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int statx(SafeFileHandle directory, ReadOnlySpan<byte> path, int flags, uint mask, out Statx result);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fchmod(SafeFileHandle fd, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fchmodat(SafeFileHandle directory, ReadOnlySpan<byte> name, uint mode, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int mkdirat(SafeFileHandle directory, ReadOnlySpan<byte> name, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int mknodat(SafeFileHandle directory, ReadOnlySpan<byte> name, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int utimensat(SafeFileHandle directory, ReadOnlySpan<byte> name, ReadOnlySpan<Timespec> times, int flags);

    /// <summary>The kernel's and glibc's 64-bit dev_t (sys/sysmacros.h).</summary>
    internal static ulong MakeDev(uint major, uint minor) =>
        ((ulong)(major & 0xfffff000) << 32) | ((ulong)(major & 0xfff) << 8) | ((ulong)(minor & 0xffffff00) << 12) | (minor & 0xff);
}
