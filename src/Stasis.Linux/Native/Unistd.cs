using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>unistd.h, stdio.h (rename).</summary>
internal static partial class Libc
{
    internal const int SEEK_SET = 0;
    internal const int SEEK_DATA = 3;
    internal const int SEEK_HOLE = 4;

    [LibraryImport("libc", SetLastError = true)]
    internal static unsafe partial int pipe2(int* pair, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static unsafe partial nint read(SafeFileHandle fd, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    internal static unsafe partial nint write(SafeFileHandle fd, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fsync(SafeFileHandle fd);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fdatasync(SafeFileHandle fd);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int syncfs(SafeFileHandle fd);

    internal const uint SYNC_FILE_RANGE_WRITE = 2;

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int sync_file_range(SafeFileHandle fd, long offset, long length, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ftruncate(SafeFileHandle fd, long length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial long lseek(SafeFileHandle fd, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    internal static unsafe partial nint copy_file_range(
        SafeFileHandle from,
        long* fromOffset,
        SafeFileHandle to,
        long* toOffset,
        nuint length,
        uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int unlink(string path);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int unlinkat(SafeFileHandle directory, ReadOnlySpan<byte> name, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int renameat(
        SafeFileHandle fromDirectory,
        ReadOnlySpan<byte> from,
        SafeFileHandle toDirectory,
        ReadOnlySpan<byte> to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int linkat(int fromDirectory, string from, int toDirectory, string to, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int linkat(
        SafeFileHandle fromDirectory,
        ReadOnlySpan<byte> from,
        SafeFileHandle toDirectory,
        ReadOnlySpan<byte> to,
        int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int symlinkat(ReadOnlySpan<byte> target, SafeFileHandle directory, ReadOnlySpan<byte> name);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint readlinkat(SafeFileHandle directory, ReadOnlySpan<byte> name, Span<byte> buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fchownat(SafeFileHandle directory, ReadOnlySpan<byte> name, uint uid, uint gid, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int access(string path, int mode);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int isatty(SafeFileHandle fd);

    [LibraryImport("libc")]
    internal static partial int getpid();

    /// <summary>Keeps the C library's environment. Returns only if it fails.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static unsafe partial int execv(byte* path, byte** arguments);
}
