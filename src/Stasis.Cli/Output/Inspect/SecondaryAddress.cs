using System.Globalization;
using Stasis.Engine.Model;

namespace Stasis.Cli.Output.Inspect;

/// <summary>An address with the length of its prefix (Podman: Address).</summary>
internal sealed record SecondaryAddress(string Addr, int PrefixLength)
{
    public static SecondaryAddress FromAddress(InterfaceAddress address) =>
        address.IpNet.Split('/') is [var ip, var length]
            ? new SecondaryAddress(ip, int.Parse(length, CultureInfo.InvariantCulture))
            : new SecondaryAddress(address.IpNet, 0);
}
