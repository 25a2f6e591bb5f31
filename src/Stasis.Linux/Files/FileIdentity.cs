using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>What tells a file from all others, also from one that gets its inode number after it was removed (statx(2)).</summary>
/// <param name="Device">dev_t of the file system.</param>
/// <param name="Inode">Inode number.</param>
/// <param name="BirthSeconds">
/// When it was created, in seconds since 1970. Can't be set by programs; 0 where the file system has no such time.
/// </param>
/// <param name="BirthNanoseconds">Nanoseconds of that time.</param>
public readonly record struct FileIdentity(ulong Device, ulong Inode, long BirthSeconds, uint BirthNanoseconds)
{
    private const uint Wanted = Libc.STATX_BASIC_STATS | Libc.STATX_BTIME;

    /// <summary>Reads that of a path. Symbolic links are not followed.</summary>
    /// <exception cref="LinuxException">There is no such path.</exception>
    public static FileIdentity Read(string path)
    {
        if (Libc.statx(Libc.AT_FDCWD, path, Libc.AT_SYMLINK_NOFOLLOW, Wanted, out var result) != 0)
            throw LinuxException.Last("lstat", path);
        return From(result);
    }

    /// <summary>Reads that of an open file.</summary>
    public static FileIdentity Read(SafeFileHandle file) =>
        Libc.statx(file, "\0"u8, Libc.AT_EMPTY_PATH, Wanted, out var result) == 0 ? From(result) : throw LinuxException.Last("fstat");

    private static FileIdentity From(in Libc.Statx result)
    {
        var status = FileStatus.From(result);
        return (result.Mask & Libc.STATX_BTIME) == 0
            ? new FileIdentity(status.ContainingDevice, status.Inode, 0, 0)
            : new FileIdentity(status.ContainingDevice, status.Inode, result.Birth.Seconds, result.Birth.Nanoseconds);
    }

    /// <summary>As a file's name, in hexadecimal digits.</summary>
    public override string ToString() => FormattableString.Invariant($"{Device:x}-{Inode:x}-{BirthSeconds:x}-{BirthNanoseconds:x}");
}
