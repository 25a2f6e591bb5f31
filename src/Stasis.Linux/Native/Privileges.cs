using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>linux/capability.h, linux/landlock.h, sys/prctl.h, pivot_root(2): what narrows what a thread and its children may do.</summary>
internal static unsafe partial class Libc
{
    internal const int PR_CAPBSET_DROP = 24;
    internal const int PR_CAP_AMBIENT = 47;
    internal const int PR_CAP_AMBIENT_CLEAR_ALL = 4;
    internal const uint LINUX_CAPABILITY_VERSION_3 = 0x20080522;
    internal const ulong LANDLOCK_SCOPE_SIGNAL = 2;
    internal const nint LANDLOCK_CREATE_RULESET_VERSION = 1;

    private const nint SYS_landlock_create_ruleset = 444;
    private const nint SYS_landlock_restrict_self = 446;

    private static nint SYS_pivot_root => IsArm ? 41 : 155;

    private static nint SYS_capget => IsArm ? 90 : 125;

    private static nint SYS_capset => IsArm ? 91 : 126;

    [StructLayout(LayoutKind.Sequential)]
    internal struct CapabilityHeader
    {
        public uint Version;
        public int Pid;
    }

    /// <summary>Capabilities 0 to 31 and 32 to 63.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CapabilityData
    {
        public uint EffectiveLow;
        public uint PermittedLow;
        public uint InheritableLow;
        public uint EffectiveHigh;
        public uint PermittedHigh;
        public uint InheritableHigh;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct LandlockRuleset
    {
        public ulong HandledAccessFs;
        public ulong HandledAccessNet;
        public ulong Scoped;
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int prctl(int option, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int chdir(string path);

    internal static int pivot_root_here()
    {
        fixed (byte* here = ".\0"u8)
            return (int)Syscall(SYS_pivot_root, (nint)here, (nint)here, 0, 0);
    }

    internal static int capget(ref CapabilityHeader header, out CapabilityData data)
    {
        fixed (CapabilityHeader* h = &header)
        fixed (CapabilityData* d = &data)
            return (int)Syscall(SYS_capget, (nint)h, (nint)d, 0, 0);
    }

    internal static int capset(ref CapabilityHeader header, in CapabilityData data)
    {
        fixed (CapabilityHeader* h = &header)
        fixed (CapabilityData* d = &data)
            return (int)Syscall(SYS_capset, (nint)h, (nint)d, 0, 0);
    }

    /// <summary>The version of Landlock that the kernel has; negative if it has none.</summary>
    internal static int landlock_version() => (int)Syscall(SYS_landlock_create_ruleset, 0, 0, LANDLOCK_CREATE_RULESET_VERSION, 0);

    internal static SafeFileHandle landlock_create_ruleset(in LandlockRuleset rules)
    {
        fixed (LandlockRuleset* r = &rules)
            return new(Syscall(SYS_landlock_create_ruleset, (nint)r, sizeof(LandlockRuleset), 0, 0), ownsHandle: true);
    }

    internal static int landlock_restrict_self(SafeFileHandle ruleset)
    {
        using var held = new Borrowed(ruleset);
        return (int)Syscall(SYS_landlock_restrict_self, held.Fd, 0, 0, 0);
    }
}
