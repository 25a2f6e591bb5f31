using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace Stasis.Engine.Network;

/// <summary>The addresses of one subnet.</summary>
internal sealed class AddressPool
{
    private readonly BigInteger _first;
    private readonly BigInteger _last;
    private readonly int _length;

    public AddressPool(NetworkSubnet subnet)
    {
        Subnet = IPNetwork.Parse(subnet.Subnet);
        Gateway = subnet.Gateway is { Length: > 0 } gateway ? IPAddress.Parse(gateway) : null;
        _length = Subnet.BaseAddress.GetAddressBytes().Length;
        var start = Number(Subnet.BaseAddress);
        var end = start + (BigInteger.One << (_length * 8 - Subnet.PrefixLength)) - 1;
        // Neither the network's own address nor, in IPv4, that of broadcasts.
        _first = subnet.LeaseRange?.Start is { Length: > 0 } from ? Number(IPAddress.Parse(from)) : start + 1;
        _last = subnet.LeaseRange?.End is { Length: > 0 } to ? Number(IPAddress.Parse(to)) : IsIPv4 ? end - 1 : end;
    }

    public IPNetwork Subnet { get; }

    public IPAddress? Gateway { get; }

    /// <summary>The first address to give out.</summary>
    public IPAddress First => Address(_first);

    /// <summary>The last address to give out.</summary>
    public IPAddress Last => Address(_last);

    /// <summary>Whether an address of the subnet is neither the subnet's own nor, in IPv4, that of broadcasts.</summary>
    public bool IsHost(IPAddress address)
    {
        var (number, start) = (Number(address), Number(Subnet.BaseAddress));
        var size = BigInteger.One << (_length * 8 - Subnet.PrefixLength);
        // Of two addresses or one, each is a host's (RFC 3021).
        return size <= 2 || (number != start && !(IsIPv4 && number == start + size - 1));
    }

    private bool IsIPv4 => Subnet.BaseAddress.AddressFamily == AddressFamily.InterNetwork;

    /// <summary>
    /// The next address after <paramref name="last"/> that isn't taken, from the beginning again after the end: a freed
    /// one is given out late, when the neighbours have forgotten whose it was.
    /// </summary>
    /// <returns>Null if all are taken.</returns>
    public IPAddress? Next(IPAddress? last, IReadOnlySet<IPAddress> taken)
    {
        var begin = last is not null && Subnet.Contains(last) && Number(last) is var number && number >= _first && number < _last
            ? number + 1 : _first;
        var (candidate, left) = (begin, BigInteger.Min(_last - _first + 1, taken.Count + 2));
        for (; left > 0; left--, candidate = candidate == _last ? _first : candidate + 1)
        {
            var address = Address(candidate);
            if (!address.Equals(Gateway) && !taken.Contains(address))
                return address;
        }
        return null;
    }

    private static BigInteger Number(IPAddress address) => new(address.GetAddressBytes(), isUnsigned: true, isBigEndian: true);

    private IPAddress Address(BigInteger number)
    {
        var bytes = new byte[_length];
        var digits = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        digits.CopyTo(bytes.AsSpan(_length - digits.Length));
        return new IPAddress(bytes);
    }
}
