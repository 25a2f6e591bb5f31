using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>linux/userfaultfd.h; what it takes to open one is beside the other system calls that are made by number.</summary>
internal static unsafe partial class Libc
{
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

    /// <summary>struct uffd_msg: the event, then what it is about. <see cref="First"/> is a fault's flags, a fork's descriptor (32 bits), else where the range begins.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 32)]
    internal struct UffdMessage
    {
        public byte Event;
        public ulong First;
        public ulong Second;
        public ulong Third;
    }
}
