using System.Text;
using Stasis.Linux.Native;

namespace Stasis.Linux.Network;

/// <summary>The protocols of other processes' sockets.</summary>
public static class SocketProtocol
{
    private const string Attribute = "system.sockprotoname"; // linux/xattr.h: XATTR_NAME_SOCKPROTONAME

    /// <summary>
    /// The kernel's name of a socket's protocol (struct proto), such as TCP, TCPv6, UNIX-STREAM, NETLINK or SCTP; null if it can't be told,
    /// or there is no such socket any more.
    /// </summary>
    /// <param name="link">The socket's link in /proc/PID/fd.</param>
    public static string? TryRead(string link)
    {
        Span<byte> name = stackalloc byte[64];
        var length = (int)Libc.getxattr(link, Attribute, name, (nuint)name.Length);
        return length > 0 ? Encoding.ASCII.GetString(name[..length]).TrimEnd('\0') : null;
    }
}
