using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>sys/xattr.h.</summary>
internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint llistxattr(ReadOnlySpan<byte> path, Span<byte> list, nuint size);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint getxattr(string path, string name, Span<byte> value, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint lgetxattr(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, Span<byte> value, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int lsetxattr(
        ReadOnlySpan<byte> path,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> value,
        nuint size,
        int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int lremovexattr(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name);
}
