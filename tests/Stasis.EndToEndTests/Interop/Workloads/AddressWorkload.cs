using System.Globalization;
using Xunit;

namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>An address and a MAC address that were asked for.</summary>
public sealed class AddressWorkload(int number) : Workload
{
    private readonly string _ip = FormattableString.Invariant($"10.88.{100 + (number / 250)}.{1 + (number % 250)}");
    private readonly string _mac = string.Create(CultureInfo.InvariantCulture, $"92:d0:c6:0a:{number / 256:x2}:{number % 256:x2}");

    public override string Title => "static IP and MAC";

    public override IReadOnlyList<string> RunOptions => ["--ip", _ip, "--mac-address", _mac];

    /// <summary>The address.</summary>
    public string Ip => _ip;

    public override Task BeginAsync(Side side, string container) => CheckAsync(side, container);

    public override async Task CheckAsync(Side side, string container) =>
        Assert.Equal($"{_ip}/16\n{_mac}",
            await side.ShellAsync(container,
                "ip -o -4 addr show eth0 | sed 's/.*inet \\([^ ]*\\).*/\\1/'; cat /sys/class/net/eth0/address"));
}
