using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>Status of a file (statx(2)). Symbolic links are not followed.</summary>
/// <param name="Mode">st_mode: type and permission bits.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Inode">Inode number. Two names are one file if this and <paramref name="ContainingDevice"/> are equal.</param>
/// <param name="LinkCount">Number of names.</param>
/// <param name="DeviceMajor">A device file's major number.</param>
/// <param name="DeviceMinor">A device file's minor number.</param>
/// <param name="ModifiedSeconds">Modification time (mtime) in seconds since 1970.</param>
/// <param name="ModifiedNanoseconds">Nanoseconds of the modification time.</param>
/// <param name="Blocks">Disk space, in units of 512 bytes.</param>
/// <param name="ContainingDevice">dev_t of the file system.</param>
/// <param name="ChangedSeconds">
/// Time of the last change of content or attributes (ctime) in seconds since 1970. Can't be set by programs.
/// </param>
/// <param name="ChangedNanoseconds">Nanoseconds of the ctime.</param>
public readonly record struct FileStatus(
    uint Mode,
    uint Uid,
    uint Gid,
    long Size,
    ulong Inode,
    uint LinkCount,
    uint DeviceMajor,
    uint DeviceMinor,
    long ModifiedSeconds,
    uint ModifiedNanoseconds,
    ulong Blocks,
    ulong ContainingDevice,
    long ChangedSeconds,
    uint ChangedNanoseconds)
{
    /// <summary>Reads the status of a path.</summary>
    public static FileStatus Read(string path) => TryRead(path) ?? throw LinuxException.Last("lstat", path);

    /// <summary>Like <see cref="Read(string)"/>; null if there is no such path.</summary>
    public static FileStatus? TryRead(string path)
    {
        if (Libc.statx(Libc.AT_FDCWD, path, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, out var result) == 0)
            return From(result);
        return LinuxException.LastErrno is Errno.ENOENT or Errno.ENOTDIR ? null : throw LinuxException.Last("lstat", path);
    }

    /// <summary>
    /// Reads the status of what a symbolic link leads to, also of an open file by its link in /proc/PID/fd; null if there is none.
    /// </summary>
    public static FileStatus? TryReadTarget(string path)
    {
        if (Libc.statx(Libc.AT_FDCWD, path, 0, Libc.STATX_BASIC_STATS, out var result) == 0)
            return From(result);
        return LinuxException.LastErrno is Errno.ENOENT or Errno.ENOTDIR or Errno.ESRCH ? null : throw LinuxException.Last("stat", path);
    }

    /// <summary>Reads the status of an open file.</summary>
    public static FileStatus Read(SafeFileHandle file) =>
        Libc.statx(file, "\0"u8, Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, out var result) == 0
            ? From(result)
            : throw LinuxException.Last("fstat");

    /// <summary>Reads the status of a file in an open folder.</summary>
    public static FileStatus Read(SafeFileHandle directory, ReadOnlySpan<byte> name) =>
        TryRead(directory, name) ?? throw LinuxException.Last("lstat", Encoding.UTF8.GetString(name));

    /// <summary>Like <see cref="Read(SafeFileHandle, ReadOnlySpan{byte})"/>; null if there is no such name.</summary>
    public static FileStatus? TryRead(SafeFileHandle directory, ReadOnlySpan<byte> name)
    {
        using var path = new CName(name);
        if (Libc.statx(directory, path.Terminated, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, out var result) == 0)
            return From(result);
        return LinuxException.LastErrno is Errno.ENOENT or Errno.ENOTDIR
            ? null
            : throw LinuxException.Last("lstat", Encoding.UTF8.GetString(name));
    }

    /// <summary>Permission, setuid, setgid and sticky bits.</summary>
    public uint Permissions => Mode & 0xFFF;

    /// <summary>Whether it is a folder.</summary>
    public bool IsDirectory => (Mode & Libc.S_IFMT) == Libc.S_IFDIR;

    /// <summary>Whether it is a regular file.</summary>
    public bool IsRegularFile => (Mode & Libc.S_IFMT) == Libc.S_IFREG;

    /// <summary>Whether it is a symbolic link.</summary>
    public bool IsSymbolicLink => (Mode & Libc.S_IFMT) == Libc.S_IFLNK;

    /// <summary>Whether it is a FIFO.</summary>
    public bool IsFifo => (Mode & Libc.S_IFMT) == Libc.S_IFIFO;

    /// <summary>Whether it is a socket.</summary>
    public bool IsSocket => (Mode & Libc.S_IFMT) == Libc.S_IFSOCK;

    /// <summary>Whether it is a character device.</summary>
    public bool IsCharacterDevice => (Mode & Libc.S_IFMT) == Libc.S_IFCHR;

    /// <summary>Whether it is a block device.</summary>
    public bool IsBlockDevice => (Mode & Libc.S_IFMT) == Libc.S_IFBLK;

    internal static FileStatus From(in Libc.Statx s) => new(
        s.Mode, s.Uid, s.Gid, (long)s.Size, s.Inode, s.LinkCount, s.RdevMajor, s.RdevMinor,
        s.Modification.Seconds, s.Modification.Nanoseconds, s.Blocks, Libc.MakeDev(s.DevMajor, s.DevMinor),
        s.Change.Seconds, s.Change.Nanoseconds);
}
