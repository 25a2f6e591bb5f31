using System.Buffers.Binary;
using System.Net;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Network;

/// <summary>Ports of this process's network namespace.</summary>
public static unsafe class FreePort
{
    /// <summary>Whether a program could listen on a port now. SCTP ports always count as free: few kernels have SCTP.</summary>
    /// <param name="protocol">tcp, udp or sctp.</param>
    /// <param name="address">IP address; empty for all.</param>
    /// <param name="port">1 to 65535.</param>
    public static bool IsFree(string protocol, string address, int port)
    {
        if (protocol == "sctp")
            return true;
        using var socket = Bind(protocol == "udp" ? Libc.SOCK_DGRAM : Libc.SOCK_STREAM, address, port);
        return socket is not null;
    }

    /// <summary>Finds a TCP port that is free now.</summary>
    public static int FindFree()
    {
        using var socket = Bind(Libc.SOCK_STREAM, "", 0) ?? throw LinuxException.Last("bind");
        var name = stackalloc byte[28];
        uint length = 28;
        return Libc.getsockname(socket, name, &length) == 0
            ? BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(name + 2, 2))
            : throw LinuxException.Last("getsockname");
    }

    private static SafeFileHandle? Bind(int type, string address, int port)
    {
        var ip = address.Length == 0 ? IPAddress.Any : IPAddress.Parse(address);
        var bytes = ip.GetAddressBytes();
        var isIPv4 = bytes.Length == 4;
        var socket = Libc.socket(isIPv4 ? Libc.AF_INET : Libc.AF_INET6, type | Libc.SOCK_CLOEXEC, 0);
        if (socket.IsInvalid)
            throw LinuxException.Last("socket");
        // Ignores connections in TIME_WAIT.
        var one = 1;
        if (type == Libc.SOCK_STREAM)
            _ = Libc.setsockopt(socket, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, &one, sizeof(int));
        Span<byte> name = stackalloc byte[isIPv4 ? 16 : 28]; // struct sockaddr_in, sockaddr_in6
        name.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(name, (ushort)(isIPv4 ? Libc.AF_INET : Libc.AF_INET6));
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], (ushort)port);
        bytes.CopyTo(name[(isIPv4 ? 4 : 8)..]);
        fixed (byte* pointer = name)
        {
            if (Libc.bind(socket, pointer, (uint)name.Length) == 0 && (type != Libc.SOCK_STREAM || Libc.listen(socket, 1) == 0))
                return socket;
        }
        var error = LinuxException.Last("bind", $"{ip}:{port}");
        socket.Dispose();
        return error.Errno is Errno.EADDRINUSE ? null : throw error;
    }
}
