using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>
/// linux/perf_event.h, linux/hw_breakpoint.h. The C library has no function for the call, and its number depends on the
/// architecture.
/// </summary>
internal static unsafe partial class Libc
{
    internal const uint PERF_TYPE_BREAKPOINT = 5;
    internal const ulong PERF_EXCLUDE_KERNEL = 1 << 5;
    internal const ulong PERF_EXCLUDE_HV = 1 << 6;
    internal const uint HW_BREAKPOINT_W = 2;

    private const nint PERF_FLAG_FD_CLOEXEC = 8;

    private static readonly nint SYS_perf_event_open = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 241 : 298;

    /// <summary>struct perf_event_attr, the fields of PERF_ATTR_SIZE_VER1.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PerfEventAttr
    {
        public uint Type;
        public uint Size;
        public ulong Config;
        public ulong SamplePeriod;
        public ulong SampleType;
        public ulong ReadFormat;
        public ulong Flags;
        public uint WakeupEvents;
        public uint BreakpointType;
        public ulong BreakpointAddress;
        public ulong BreakpointLength;
    }

    /// <summary>Opens an event of the calling thread on any processor.</summary>
    internal static SafeFileHandle perf_event_open(PerfEventAttr* attributes) =>
        new(PerfEventOpen(SYS_perf_event_open, (nint)attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC), ownsHandle: true);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint PerfEventOpen(nint number, nint attributes, nint pid, nint cpu, nint group, nint flags);
}
