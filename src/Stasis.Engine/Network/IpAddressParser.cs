using System.Net;
using System.Net.Sockets;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Network;

/// <summary>IP addresses as people write them: four numbers, and not fewer as inet_aton(3), and .NET, would take.</summary>
internal static class IpAddressParser
{
    public static bool TryParse(string text, out IPAddress address) =>
        IPAddress.TryParse(text, out address!) && (address.AddressFamily != AddressFamily.InterNetwork || address.ToString() == text);

    /// <exception cref="StasisException">It is none.</exception>
    public static IPAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new StasisException($"\"{text}\" is no IP address");
}
