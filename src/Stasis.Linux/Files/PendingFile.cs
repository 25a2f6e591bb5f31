using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>
/// A file that gets its name only when it is whole. Until <see cref="Commit"/> it has none at all (O_TMPFILE), so that nothing of it is left if the
/// process dies; on file systems without O_TMPFILE it has a temporary one beside the target.
/// </summary>
public sealed class PendingFile : IDisposable
{
    private readonly string _path;
    private string? _temporary;

    private PendingFile(string path, SafeFileHandle handle, string? temporary) => (_path, Handle, _temporary) = (path, handle, temporary);

    /// <summary>Begins a file that is to become <paramref name="path"/>, with exactly these permission bits.</summary>
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

    /// <summary>The name it has meanwhile, which stays behind if this process is killed; null where it has none.</summary>
    public string? TemporaryPath => _temporary;

    /// <summary>Gives it its name, in place of any file that has it. <paramref name="durable"/>: after a crash of the machine too, the name means the old content or the new, whole.</summary>
    public void Commit(bool durable = true)
    {
        if (durable && Libc.fsync(Handle) != 0)
            throw LinuxException.Last("fsync", _path);
        if (_temporary is null)
        {
            // linkat can't replace a name, so rename does.
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

    /// <summary>Closes it; without <see cref="Commit"/> it is gone.</summary>
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
