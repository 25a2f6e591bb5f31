using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;
using Stasis.Linux.Processes;

namespace Stasis.Linux.Network;

/// <summary>A socket of another process, under a descriptor of this one. The process may be frozen.</summary>
public sealed unsafe class DuplicatedProcessSocket : IDisposable
{
    private readonly SafeFileHandle _socket;

    private DuplicatedProcessSocket(SafeFileHandle socket) => _socket = socket;

    /// <summary>Takes a descriptor of a process. Null if the process or the descriptor is gone, or may not be taken.</summary>
    public static DuplicatedProcessSocket? TryTake(int pid, int descriptor)
    {
        using var process = PidFd.Open(pid);
        if (process is null)
            return null;
        var socket = Libc.pidfd_getfd(process.Handle, descriptor);
        if (!socket.IsInvalid)
            return new DuplicatedProcessSocket(socket);
        socket.Dispose();
        return null;
    }

    /// <summary>Whether it is one of unix(7).</summary>
    public bool IsUnix
    {
        get
        {
            int domain;
            uint length = sizeof(int);
            return Libc.getsockopt(_socket, Libc.SOL_SOCKET, Libc.SO_DOMAIN, &domain, &length) == 0 && domain == Libc.AF_UNIX;
        }
    }

    /// <summary>
    /// The path of the file that it is bound to, as the kernel has it now, in the mount namespace of its mount. A file that was deleted
    /// has " (deleted)" at the end. Null if there is none.
    /// </summary>
    public string? FindFile()
    {
        using var file = Libc.ioctl_open(_socket, Libc.SIOCUNIXFILE, null);
        if (file.IsInvalid)
            return null;
        using var held = new Borrowed(file);
        return new FileInfo(GetPath(held)).LinkTarget;
    }

    /// <summary>
    /// The sockets of unix(7) in this one's network namespace: the end that accept(2) gives is in the namespace of the one that connects.
    /// </summary>
    public IReadOnlyList<UnixSocketEntry> ReadNeighbours()
    {
        using var space = Libc.ioctl_open(_socket, Libc.SIOCGSKNS, null);
        if (space.IsInvalid)
            throw LinuxException.Last("SIOCGSKNS");
        using var held = new Borrowed(space);
        return UnixSocketTable.Read(GetPath(held));
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static string GetPath(Borrowed file) => FormattableString.Invariant($"/proc/self/fd/{file.Fd}");
}
