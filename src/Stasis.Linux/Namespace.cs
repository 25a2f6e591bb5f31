using Stasis.Linux.Native;

namespace Stasis.Linux;

/// <summary>Network namespaces, pinned by a bind mount as ip-netns(8) does.</summary>
public static unsafe class Namespace
{
    /// <summary>Makes a network namespace with its loopback up and pins it by a bind mount at <paramref name="path"/>. The calling thread's own namespace is not changed.</summary>
    public static void CreateNetwork(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var file = Libc.open(path, Libc.O_RDONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, 0x100))
        {
            if (file.IsInvalid)
                throw LinuxException.Last("open", path);
        }

        try
        {
            OwnThread.Run(() =>
            {
                if (Libc.unshare(Libc.CLONE_NEWNET) != 0)
                    throw LinuxException.Last("unshare", "network namespace");
                SetLoopbackUp();
                Mount.Bind("/proc/thread-self/ns/net", path);
            });
        }
        catch
        {
            RemoveNetwork(path);
            throw;
        }
    }

    /// <summary>Unpins it: it goes when nothing uses it. Nothing if it isn't there.</summary>
    public static void RemoveNetwork(string path)
    {
        Mount.Unmount(path);
        if (Libc.unlink(path) != 0 && LinuxException.LastErrno != Errno.ENOENT && LinuxException.LastErrno != Errno.ENOTDIR)
            throw LinuxException.Last("unlink", path);
    }

    private static void SetLoopbackUp()
    {
        using var socket = Libc.socket(Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
        if (socket.IsInvalid)
            throw LinuxException.Last("socket");
        Libc.IfReq request = default;
        "lo"u8.CopyTo(new Span<byte>(request.Name, 16));
        if (Libc.ioctl(socket, Libc.SIOCGIFFLAGS, &request) != 0)
            throw LinuxException.Last("SIOCGIFFLAGS", "lo");
        request.Flags |= Libc.IFF_UP;
        if (Libc.ioctl(socket, Libc.SIOCSIFFLAGS, &request) != 0)
            throw LinuxException.Last("SIOCSIFFLAGS", "lo");
    }
}
