using System.Runtime.InteropServices;
using Stasis.Linux.Native;

namespace Stasis.Linux.Network;

/// <summary>The sockets of unix(7) in a network namespace (sock_diag(7)).</summary>
public static unsafe class UnixSocketTable
{
    private const int BufferSize = 1 << 16; // more than the kernel puts into one answer
    private const int HeaderSize = 4; // of struct nlattr

    /// <summary>Reads the sockets of the namespace at <paramref name="path"/>, e.g. /proc/PID/ns/net.</summary>
    public static IReadOnlyList<UnixSocketEntry> Read(string path)
    {
        var sockets = new List<UnixSocketEntry>();
        NetworkNamespace.Run(path, () => Read(sockets));
        return sockets;
    }

    private static void Read(List<UnixSocketEntry> sockets)
    {
        using var socket = Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, Libc.NETLINK_SOCK_DIAG);
        if (socket.IsInvalid)
            throw LinuxException.Last("socket", "sock_diag");
        var request = new Request
        {
            Header = new Libc.NetlinkHeader
            {
                Length = (uint)sizeof(Request),
                Type = Libc.SOCK_DIAG_BY_FAMILY,
                Flags = Libc.NLM_F_REQUEST | Libc.NLM_F_DUMP,
            },
            Body = new Libc.UnixDiagRequest
            {
                Family = Libc.AF_UNIX,
                States = uint.MaxValue,
                Show = Libc.UDIAG_SHOW_NAME | Libc.UDIAG_SHOW_VFS | Libc.UDIAG_SHOW_PEER | Libc.UDIAG_SHOW_RQLEN,
            },
        };
        if (Libc.send(socket, &request, (nuint)sizeof(Request), 0) < 0)
            throw LinuxException.Last("send", "sock_diag");
        var buffer = new byte[BufferSize];
        for (var done = false; !done;)
        {
            nint count;
            fixed (byte* bytes = buffer)
                count = Libc.recv(socket, bytes, BufferSize, 0);
            if (count < 0 && LinuxException.LastErrno == Errno.EINTR)
                continue;
            if (count <= 0)
                throw LinuxException.Last("recv", "sock_diag");
            done = !Parse(buffer.AsSpan(0, (int)count), sockets);
        }
    }

    /// <summary>Parses messages of an answer. Returns whether more follow.</summary>
    internal static bool Parse(ReadOnlySpan<byte> answer, List<UnixSocketEntry> sockets)
    {
        while (answer.Length >= sizeof(Libc.NetlinkHeader))
        {
            var header = MemoryMarshal.Read<Libc.NetlinkHeader>(answer);
            if (header.Length < sizeof(Libc.NetlinkHeader) || header.Length > answer.Length)
                throw new LinuxException("recv", "sock_diag", Errno.EINVAL);
            var body = answer[sizeof(Libc.NetlinkHeader)..(int)header.Length];
            switch (header.Type)
            {
                case Libc.NLMSG_DONE:
                    return false;
                case Libc.NLMSG_ERROR:
                    throw new LinuxException("recv", "sock_diag", (Errno)(-MemoryMarshal.Read<int>(body)));
                case Libc.SOCK_DIAG_BY_FAMILY:
                    sockets.Add(ParseSocket(body));
                    break;
            }
            answer = answer[Math.Min(Align((int)header.Length), answer.Length)..];
        }
        return true;
    }

    private static UnixSocketEntry ParseSocket(ReadOnlySpan<byte> body)
    {
        var socket = MemoryMarshal.Read<Libc.UnixDiagMessage>(body);
        var (name, file, peer, unread) = (Array.Empty<byte>(), (uint?)null, 0u, 0u);
        for (var rest = body[sizeof(Libc.UnixDiagMessage)..]; rest.Length >= HeaderSize;)
        {
            var (length, type) = (MemoryMarshal.Read<ushort>(rest), MemoryMarshal.Read<ushort>(rest[2..]));
            if (length < HeaderSize || length > rest.Length)
                throw new LinuxException("recv", "sock_diag", Errno.EINVAL);
            var value = rest[HeaderSize..length];
            switch (type)
            {
                case Libc.UNIX_DIAG_NAME:
                    name = value is [0, ..] ? value.ToArray() : value.TrimEnd((byte)0).ToArray();
                    break;
                case Libc.UNIX_DIAG_VFS: // struct unix_diag_vfs: inode, device
                    file = MemoryMarshal.Read<uint>(value);
                    break;
                case Libc.UNIX_DIAG_PEER:
                    peer = MemoryMarshal.Read<uint>(value);
                    break;
                case Libc.UNIX_DIAG_RQLEN: // struct unix_diag_rqlen: receive queue, send queue
                    unread = MemoryMarshal.Read<uint>(value);
                    break;
            }
            rest = rest[Math.Min(Align(length), rest.Length)..];
        }
        return new UnixSocketEntry(socket.Inode, name, file, peer) { IsDatagram = socket.Type == Libc.SOCK_DGRAM, Unread = unread };
    }

    private static int Align(int length) => (length + 3) & ~3;

    [StructLayout(LayoutKind.Sequential)]
    private struct Request
    {
        public Libc.NetlinkHeader Header;
        public Libc.UnixDiagRequest Body;
    }
}
