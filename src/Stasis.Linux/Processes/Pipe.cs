using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>Pipes (pipe(2)).</summary>
public static unsafe class Pipe
{
    /// <summary>Creates a pipe. Both ends are close-on-exec.</summary>
    public static (SafeFileHandle Read, SafeFileHandle Write) Create()
    {
        var pair = stackalloc int[2];
        if (Libc.pipe2(pair, Libc.O_CLOEXEC) != 0)
            throw LinuxException.Last("pipe");
        return (new SafeFileHandle(pair[0], ownsHandle: true), new SafeFileHandle(pair[1], ownsHandle: true));
    }
}
