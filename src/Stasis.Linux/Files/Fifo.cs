using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Events;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>Named pipes (fifo(7)).</summary>
public static class Fifo
{
    private const uint Mode = 0x1180; // S_IFIFO, 0600

    /// <summary>Creates a FIFO (mode 0600). Replaces a file of that name.</summary>
    public static void Replace(string path)
    {
        using var folder = Libc.open(Path.GetDirectoryName(path)!, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        using var name = new CName(Encoding.UTF8.GetBytes(Path.GetFileName(path)));
        File.Delete(path);
        if (folder.IsInvalid || Libc.mknodat(folder, name.Terminated, Mode, 0) != 0)
            throw LinuxException.Last("mkfifo", path);
    }

    /// <summary>Whether a path is a FIFO.</summary>
    public static bool Exists(string path) => FileStatus.TryRead(path) is { } status && (status.Mode & 0xF000) == (Mode & 0xF000);

    /// <summary>Whether an open FIFO has something to be read now.</summary>
    public static bool HasInput(SafeFileHandle handle) => DescriptorWait.IsReadable(handle);

    /// <summary>Opens a FIFO for writing. Null if no process has it open for reading, or is opening it.</summary>
    public static SafeFileHandle? TryOpenWriter(string path)
    {
        var handle = Libc.open(path, Libc.O_WRONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0);
        if (!handle.IsInvalid)
            return handle;
        using (handle)
            return LinuxException.LastErrno == Errno.ENXIO ? null : throw LinuxException.Last("open", path);
    }
}
