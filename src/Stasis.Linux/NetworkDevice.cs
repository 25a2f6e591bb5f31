using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux;

/// <summary>Network interfaces of the caller's network namespace (netdevice(7)).</summary>
public static unsafe class NetworkDevice
{
    /// <summary>Whether there is one of that name.</summary>
    public static bool Exists(string name)
    {
        using var socket = Socket();
        var request = Request(name);
        return Libc.ioctl(socket, Libc.SIOCGIFFLAGS, &request) == 0;
    }

    /// <summary>
    /// The host's end of each veth pair that has its other end in the network namespace at <paramref name="netns"/>. The kernel tells the other end's
    /// index as the first of a veth's statistics (ethtool, drivers/net/veth.c).
    /// </summary>
    public static IReadOnlyList<string> VethPeers(string netns)
    {
        var indices = new List<ulong>();
        Namespace.RunInNetwork(netns, () =>
        {
            using var inside = Socket();
            foreach (var name in Names())
            {
                if (PeerIndex(inside, name) is { } index)
                    indices.Add(index);
            }
        });
        using var socket = Socket();
        return [.. indices.Select(index => Name(socket, index))];
    }

    /// <summary>Brings it up or down. Down, it passes nothing; the addresses and routes of a veth's other end stay.</summary>
    public static void SetUp(string name, bool up)
    {
        using var socket = Socket();
        SetUp(socket, name, up);
    }

    internal static void SetUp(SafeFileHandle socket, string name, bool up)
    {
        var request = Request(name);
        if (Libc.ioctl(socket, Libc.SIOCGIFFLAGS, &request) != 0)
            throw LinuxException.Last("SIOCGIFFLAGS", name);
        request.Flags = (short)(up ? request.Flags | Libc.IFF_UP : request.Flags & ~Libc.IFF_UP);
        if (Libc.ioctl(socket, Libc.SIOCSIFFLAGS, &request) != 0)
            throw LinuxException.Last("SIOCSIFFLAGS", name);
    }

    internal static SafeFileHandle Socket()
    {
        var socket = Libc.socket(Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
        return socket.IsInvalid ? throw LinuxException.Last("socket") : socket;
    }

    // proc_net(5): two lines of headings, then a name and a colon in each. thread-self: the namespace is the thread's own.
    private static IEnumerable<string> Names() => File.ReadAllLines("/proc/thread-self/net/dev").Skip(2).Select(line => line.Split(':')[0].Trim());

    private static ulong? PeerIndex(SafeFileHandle socket, string name)
    {
        Libc.EthtoolDriver driver = new() { Command = Libc.ETHTOOL_GDRVINFO };
        var request = Request(name);
        request.Data = (nint)(&driver);
        if (Libc.ioctl(socket, Libc.SIOCETHTOOL, &request) != 0 || !new ReadOnlySpan<byte>(driver.Driver, 32).StartsWith("veth\0"u8))
            return null;
        var statistics = new ulong[1 + driver.StatisticsCount]; // a command and a count, then the numbers
        fixed (ulong* pointer = statistics)
        {
            *(uint*)pointer = Libc.ETHTOOL_GSTATS;
            request.Data = (nint)pointer;
            if (Libc.ioctl(socket, Libc.SIOCETHTOOL, &request) != 0)
                throw LinuxException.Last("SIOCETHTOOL", name);
        }
        return statistics.Length > 1 ? statistics[1] : null;
    }

    private static string Name(SafeFileHandle socket, ulong index)
    {
        Libc.IfReq request = new() { Index = (int)index };
        if (Libc.ioctl(socket, Libc.SIOCGIFNAME, &request) != 0)
            throw LinuxException.Last("SIOCGIFNAME", $"interface {index}");
        var name = new ReadOnlySpan<byte>(request.Name, 16);
        return Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]);
    }

    private static Libc.IfReq Request(string name)
    {
        Libc.IfReq request = default;
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > 15)
            throw new ArgumentException($"{name}: no interface has such a name", nameof(name));
        Encoding.UTF8.GetBytes(name, new Span<byte>(request.Name, 16));
        return request;
    }
}
