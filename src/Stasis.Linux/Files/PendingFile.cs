using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>
/// A file that gets its name only when it is complete. Until <see cref="Commit"/> it has no name (O_TMPFILE), so that nothing is
/// left if the process dies; on file systems without O_TMPFILE it has a temporary name beside the target.
/// </summary>
public sealed class PendingFile : IDisposable
{
    private readonly string _path;
    private string? _temporary;

    private PendingFile(string path, SafeFileHandle handle, string? temporary) => (_path, Handle, _temporary) = (path, handle, temporary);

    /// <summary>
    /// Creates a file that will become <paramref name="path"/>, with exactly these permission bits: the umask doesn't apply.
    /// </summary>
    public static PendingFile Create(string path, int mode = 0x180 /* 0600 */)
    {
        path = Path.GetFullPath(path);
        var directory = Path.GetDirectoryName(path)!;
        string? temporary = null;
        var handle = Libc.open(directory, Libc.O_TMPFILE | Libc.O_RDWR | Libc.O_CLOEXEC, 0x180);
        if (handle.IsInvalid && LinuxException.LastErrno is Errno.EOPNOTSUPP or Errno.EISDIR or Errno.EINVAL)
        {
            temporary = TemporaryName(path);
            handle = Libc.open(temporary, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, 0x180);
        }

        if (handle.IsInvalid)
            throw LinuxException.Last("open", path);
        var file = new PendingFile(path, handle, temporary);
        if (Libc.fchmod(handle, (uint)mode) == 0)
            return file;
        var error = LinuxException.Last("fchmod", path);
        file.Dispose();
        throw error;
    }

    /// <summary>The open file, for reading and writing.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>The temporary name, which is left if this process is killed; null if the file has no name.</summary>
    public string? TemporaryPath => _temporary;

    /// <summary>Gives the file its name. Replaces a file of that name atomically.</summary>
    /// <param name="durable">Whether file and folder are synced: then the replacement is atomic across a crash of the machine, too.</param>
    public void Commit(bool durable = true)
    {
        if (durable && Libc.fsync(Handle) != 0)
            throw LinuxException.Last("fsync", _path);
        if (_temporary is null)
        {
            // linkat(2) can't replace a file, rename(2) can.
            var temporary = TemporaryName(_path);
            using var held = new Borrowed(Handle);
            var self = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{held.Fd}");
            if (Libc.linkat(Libc.AT_FDCWD, self, Libc.AT_FDCWD, temporary, Libc.AT_SYMLINK_FOLLOW) != 0)
                throw LinuxException.Last("linkat", _path);
            _temporary = temporary;
        }

        if (Libc.rename(_temporary, _path) != 0)
            throw LinuxException.Last("rename", _path);
        _temporary = null;
        if (durable)
            FileSync.SyncDirectory(Path.GetDirectoryName(_path)!);
    }

    /// <summary>Closes the file. Without <see cref="Commit"/> it is deleted.</summary>
    public void Dispose()
    {
        if (_temporary is not null)
            _ = Libc.unlink(_temporary);
        _temporary = null;
        Handle.Dispose();
    }

    private static string TemporaryName(string path) =>
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Path.GetRandomFileName()}");
}
