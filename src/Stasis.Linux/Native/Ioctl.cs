using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>sys/ioctl.h, termios.h, linux/fs.h.</summary>
internal static unsafe partial class Libc
{
    internal const nuint TIOCGWINSZ = 0x5413;
    internal const nuint TIOCSWINSZ = 0x5414;
    internal const nuint FICLONE = 0x40049409;
    internal const nuint FICLONERANGE = 0x4020940D;
    internal const nuint FIONREAD = 0x541B;
    internal const nuint SIOCGSKNS = 0x894C;
    internal const nuint SIOCUNIXFILE = 0x89E0;

    /// <summary>struct termios: 60 bytes in glibc.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    internal struct Termios { private int _first; }

    /// <summary>struct file_clone_range.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FileCloneRange
    {
        public long From;
        public ulong Offset;
        public ulong Length;
        public ulong ToOffset;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct WinSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort PixelsX;
        public ushort PixelsY;
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ioctl(SafeFileHandle fd, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ioctl(SafeFileHandle fd, nuint request, SafeFileHandle argument);

    /// <summary>An ioctl that returns a descriptor.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial SafeFileHandle ioctl_open(SafeFileHandle fd, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int tcgetattr(SafeFileHandle fd, Termios* settings);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int tcsetattr(SafeFileHandle fd, int when, Termios* settings);

    [LibraryImport("libc")]
    internal static partial void cfmakeraw(Termios* settings);
}
