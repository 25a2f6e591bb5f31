using System.Buffers.Binary;
using System.Text;
using Stasis.Linux.Native;

namespace Stasis.Linux.Network;

/// <summary>The Unix sockets of the calling thread's network namespace (sock_diag(7)).</summary>
public static unsafe class UnixSocketTable
{
    // linux/netlink.h, linux/sock_diag.h, linux/unix_diag.h.
    private const ushort Error = 2, Done = 3, ByFamily = 20; // NLMSG_ERROR, NLMSG_DONE, SOCK_DIAG_BY_FAMILY
    private const ushort Request = 1, Dump = 0x300; // NLM_F_…
    private const uint ShowName = 1, ShowPeer = 4; // UDIAG_SHOW_…
    private const ushort NameAttribute = 0, PeerAttribute = 2; // UNIX_DIAG_…
    private const int HeaderSize = 16, MessageSize = 16, AttributeHeaderSize = 4, RequestSize = HeaderSize + 24;
    private const int BufferSize = 64 * 1024;

    /// <summary>Lists them.</summary>
    public static IReadOnlyList<UnixSocketEntry> Read()
    {
        using var socket = Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, Libc.NETLINK_SOCK_DIAG);
        if (socket.IsInvalid)
            throw LinuxException.Last("socket", "sock_diag");
        Span<byte> request = stackalloc byte[RequestSize];
        request.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(request, RequestSize);
        BinaryPrimitives.WriteUInt16LittleEndian(request[4..], ByFamily);
        BinaryPrimitives.WriteUInt16LittleEndian(request[6..], Request | Dump);
        request[HeaderSize] = Libc.AF_UNIX;
        BinaryPrimitives.WriteUInt32LittleEndian(request[(HeaderSize + 4)..], uint.MaxValue); // all states
        BinaryPrimitives.WriteUInt32LittleEndian(request[(HeaderSize + 12)..], ShowName | ShowPeer);
        Exchange(request, message => Libc.sendmsg(socket, message, 0));
        var found = new List<UnixSocketEntry>();
        var buffer = new byte[BufferSize];
        while (Parse(buffer.AsSpan(0, Exchange(buffer, message => Libc.recvmsg(socket, message, 0))), found))
        {
        }
        return found;
    }

    private delegate nint MessageCall(Libc.MsgHdr* message);

    private static int Exchange(Span<byte> bytes, MessageCall call)
    {
        fixed (byte* start = bytes)
        {
            var vector = new Libc.IoVec { Base = start, Length = (nuint)bytes.Length };
            var message = new Libc.MsgHdr { Vectors = &vector, VectorCount = 1 };
            var length = call(&message);
            return length >= 0 ? (int)length : throw LinuxException.Last("netlink", "sock_diag");
        }
    }

    // Returns whether more is to come.
    private static bool Parse(ReadOnlySpan<byte> messages, List<UnixSocketEntry> found)
    {
        while (messages.Length >= HeaderSize)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(messages);
            var type = BinaryPrimitives.ReadUInt16LittleEndian(messages[4..]);
            if (type is Done or Error || length < HeaderSize || length > messages.Length)
                return false;
            if (type == ByFamily && length >= HeaderSize + MessageSize)
                found.Add(ParseSocket(messages[HeaderSize..length]));
            messages = messages[Math.Min(Align(length), messages.Length)..];
        }
        return true;
    }

    // struct unix_diag_msg, then attributes.
    private static UnixSocketEntry ParseSocket(ReadOnlySpan<byte> message)
    {
        var (peer, name) = (0u, (string?)null);
        var rest = message[MessageSize..];
        while (rest.Length >= AttributeHeaderSize)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            if (length < AttributeHeaderSize || length > rest.Length)
                break;
            var value = rest[AttributeHeaderSize..length];
            switch (BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]))
            {
                case PeerAttribute when value.Length >= sizeof(uint):
                    peer = BinaryPrimitives.ReadUInt32LittleEndian(value);
                    break;
                case NameAttribute when value.Length > 0:
                    name = Encoding.UTF8.GetString(value).TrimEnd('\0').Replace('\0', '@');
                    break;
                default:
                    break;
            }
            rest = rest[Math.Min(Align(length), rest.Length)..];
        }
        return new UnixSocketEntry(BinaryPrimitives.ReadUInt32LittleEndian(message[4..]), peer, name);
    }

    private static int Align(int length) => (length + 3) & ~3;
}
