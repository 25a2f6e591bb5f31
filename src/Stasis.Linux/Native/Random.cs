using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>sys/random.h.</summary>
internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint getrandom(Span<byte> buffer, nuint size, uint flags);
}
