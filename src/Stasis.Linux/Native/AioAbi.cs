using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>linux/aio_abi.h. The C library has no functions for the calls, and their numbers depend on the architecture.</summary>
internal static unsafe partial class Libc
{
    private static readonly nint SYS_io_setup = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0 : 206;
    private static readonly nint SYS_io_destroy = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 1 : 207;

    /// <summary>Makes a context for so many operations at once.</summary>
    internal static int io_setup(uint operations, out nint context)
    {
        context = 0;
        fixed (nint* c = &context)
            return (int)Syscall(SYS_io_setup, (nint)operations, (nint)c, 0, 0);
    }

    internal static int io_destroy(nint context) => (int)Syscall(SYS_io_destroy, context, 0, 0, 0);
}
