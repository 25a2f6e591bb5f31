using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Network;

/// <summary>Network interfaces of the calling thread's network namespace (netdevice(7)).</summary>
public static unsafe class NetworkDevice
{
    private const int MaxNameLength = 15; // IFNAMSIZ less the terminating zero

    /// <summary>Whether there is an interface of that name.</summary>
    public static bool Exists(string name)
    {
        using var socket = Socket();
        var request = Request(name);
        return Libc.ioctl(socket, Libc.SIOCGIFFLAGS, &request) == 0;
    }

    /// <summary>Brings an interface up.</summary>
    public static void SetUp(string name)
    {
        using var socket = Socket();
        var request = Request(name);
        if (Libc.ioctl(socket, Libc.SIOCGIFFLAGS, &request) != 0)
            throw LinuxException.Last("SIOCGIFFLAGS", name);
        request.Flags |= Libc.IFF_UP;
        if (Libc.ioctl(socket, Libc.SIOCSIFFLAGS, &request) != 0)
            throw LinuxException.Last("SIOCSIFFLAGS", name);
    }

    private static SafeFileHandle Socket()
    {
        var socket = Libc.socket(Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
        return socket.IsInvalid ? throw LinuxException.Last("socket") : socket;
    }

    private static Libc.IfReq Request(string name)
    {
        Libc.IfReq request = default;
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > MaxNameLength)
            throw new ArgumentException($"{name}: no interface has such a name", nameof(name));
        Encoding.UTF8.GetBytes(name, new Span<byte>(request.Name, 16));
        return request;
    }
}
