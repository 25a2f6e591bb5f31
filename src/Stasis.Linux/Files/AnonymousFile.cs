using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>Files in memory without a name, which go with their last descriptor (memfd_create(2)): for what a child is to read.</summary>
public static class AnonymousFile
{
    /// <summary>Creates one, at whose beginning a child that gets the descriptor reads.</summary>
    /// <param name="label">What /proc/PID/fd shows of it.</param>
    /// <param name="content">The content.</param>
    /// <exception cref="LinuxException">There is no memory for it.</exception>
    public static SafeFileHandle Create(string label, ReadOnlySpan<byte> content)
    {
        var file = Libc.memfd_create(label, Libc.MFD_CLOEXEC);
        if (file.IsInvalid)
            throw LinuxException.Last("memfd_create", label);
        RandomAccess.Write(file, content, 0);
        return file;
    }
}
