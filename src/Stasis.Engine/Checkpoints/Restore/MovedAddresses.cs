using System.Net;
using System.Net.Sockets;
using Stasis.Engine.Archive;
using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// Addresses that a restored container has in the place of those at its checkpoint. Sockets that are bound to one of these are restored
/// with the new one: CRIU can't bind them to an address that isn't there.
/// </summary>
internal static class MovedAddresses
{
    /// <summary>The new address of each old one that has changed.</summary>
    /// <param name="checkpoint">The checkpoint, of which one file may be network.status.</param>
    /// <param name="archive">What messages call the checkpoint's source.</param>
    /// <param name="networks">The container's networks now, by name.</param>
    /// <exception cref="Errors.ArchiveException">network.status isn't what it must be.</exception>
    public static Dictionary<IPAddress, IPAddress> Compare(
        CheckpointEntryPaths checkpoint, string archive, IReadOnlyDictionary<string, NetworkStatus>? networks)
    {
        var moved = new Dictionary<IPAddress, IPAddress>();
        if (networks is null || RestoredNetworkSettings.ReadStatus(checkpoint, archive) is not { } former)
            return moved;
        foreach (var (name, old) in former.SelectMany(network => network.Value?.Interfaces ?? new Dictionary<string, NetworkInterface>()))
        {
            // A network may have been replaced by another; its device keeps its name.
            if (networks.Values.Select(network => network.Interfaces?.GetValueOrDefault(name)).OfType<NetworkInterface>().FirstOrDefault()
                is not { } device)
                continue;
            foreach (var family in (AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
            {
                foreach (var (from, to) in GetAddresses(old, family).Zip(GetAddresses(device, family)))
                {
                    if (!from.Equals(to))
                        moved[from] = to;
                }
            }
        }
        return moved;
    }

    // The device's own address on its link comes last, so that it meets the other device's.
    private static IEnumerable<IPAddress> GetAddresses(NetworkInterface device, AddressFamily family)
    {
        foreach (var subnet in device.Subnets ?? [])
        {
            if (IPAddress.TryParse(subnet.IpNet.Split('/')[0], out var address) && address.AddressFamily == family)
                yield return address;
        }
        if (family == AddressFamily.InterNetworkV6 && TryGetLinkLocal(device.MacAddress) is { } own)
            yield return own;
    }

    // fe80::/64 and the modified EUI-64 of the device's address (RFC 4291, appendix A), as the kernel makes it.
    private static IPAddress? TryGetLinkLocal(string? mac)
    {
        byte[] octets;
        try
        {
            octets = Convert.FromHexString((mac ?? "").Replace(":", "", StringComparison.Ordinal));
        }
        catch (FormatException)
        {
            return null;
        }
        return octets is [var first, var second, var third, .. { Length: 3 } rest]
            ? new IPAddress([0xfe, 0x80, 0, 0, 0, 0, 0, 0, (byte)(first ^ 2), second, third, 0xff, 0xfe, .. rest]) : null;
    }
}
