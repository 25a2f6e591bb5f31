using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>linux/userfaultfd.h. The C library has no function for the call, and its number depends on the architecture.</summary>
internal static unsafe partial class Libc
{
    internal const nuint UFFDIO_API = 0xC018AA3F;
    internal const nuint UFFDIO_REGISTER = 0xC020AA00;
    internal const nuint UFFDIO_WAKE = 0x8010AA02;
    internal const nuint UFFDIO_COPY = 0xC028AA03;
    internal const nuint UFFDIO_ZEROPAGE = 0xC020AA04;
    internal const ulong UFFDIO_REGISTER_MODE_MISSING = 1;

    internal const byte UFFD_EVENT_PAGEFAULT = 0x12;
    internal const byte UFFD_EVENT_FORK = 0x13;
    internal const byte UFFD_EVENT_REMAP = 0x14;
    internal const byte UFFD_EVENT_REMOVE = 0x15;
    internal const byte UFFD_EVENT_UNMAP = 0x16;

    private static readonly nint SYS_userfaultfd = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 282 : 323;

    /// <summary>struct uffdio_api.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UffdioApi
    {
        public ulong Api;
        public ulong Features;
        public ulong Ioctls;
    }

    /// <summary>struct uffdio_range.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UffdioRange
    {
        public ulong Start;
        public ulong Length;
    }

    /// <summary>struct uffdio_register.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UffdioRegister
    {
        public UffdioRange Range;
        public ulong Mode;
        public ulong Ioctls;
    }

    /// <summary>struct uffdio_copy.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UffdioCopy
    {
        public ulong Destination;
        public ulong Source;
        public ulong Length;
        public ulong Mode;
        public long Copied;
    }

    /// <summary>struct uffdio_zeropage.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UffdioZeroPage
    {
        public UffdioRange Range;
        public ulong Mode;
        public long Zeroed;
    }

    /// <summary>
    /// struct uffd_msg. <see cref="First"/> is a fault's flags, a fork's descriptor (32 bits), otherwise the start of the range.
    /// </summary>
    [StructLayout(LayoutKind.Sequential, Size = 32)]
    internal struct UffdMessage
    {
        public byte Event;
        public ulong First;
        public ulong Second;
        public ulong Third;
    }

    internal static SafeFileHandle userfaultfd() => new(Syscall(SYS_userfaultfd, O_CLOEXEC, 0, 0, 0), ownsHandle: true);
}
