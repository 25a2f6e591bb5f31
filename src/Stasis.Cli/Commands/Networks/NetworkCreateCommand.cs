using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Network;

namespace Stasis.Cli.Commands.Networks;

internal sealed class NetworkCreateCommand : Verb
{
    private readonly Option<string?> _driver =
        OptionFactory.OneOf("--driver", "-d", "DRIVER", "Driver of the network (default: bridge)", ["bridge", "macvlan", "ipvlan"]);
    private readonly Option<string[]> _subnet = OptionFactory.Many("--subnet", null, "CIDR", "Subnet (default: a free one)");
    private readonly Option<string[]> _gateway =
        OptionFactory.Many("--gateway", null, "ADDRESS", "Gateway of the subnet (default: its first address)");
    private readonly Option<string[]> _ipRange =
        OptionFactory.Many("--ip-range", null, "RANGE", "Allocate addresses from this range: CIDR or FIRST-LAST");
    private readonly Option<string[]> _route =
        OptionFactory.Many("--route", null, "DESTINATION,GATEWAY[,METRIC]", "Static route for containers on the network");
    private readonly Option<bool> _ipv6 = OptionFactory.Flag("--ipv6", null, "Add an IPv6 subnet");
    private readonly Option<bool> _internal = OptionFactory.Flag("--internal", null, "Restrict external access from the network");
    private readonly Option<bool> _disableDns =
        OptionFactory.Flag("--disable-dns", null, "Disable the DNS server that resolves container names");
    private readonly Option<string[]> _dns = OptionFactory.Many("--dns", null, "ADDRESS", "DNS server for other names");
    private readonly Option<string?> _interfaceName =
        OptionFactory.Text("--interface-name", null, "NAME", "Name of the bridge, or parent interface of a macvlan or ipvlan network");
    private readonly Option<string[]> _label = OptionFactory.Many("--label", null, "KEY=VALUE", "Set a label of the network");
    private readonly Option<string[]> _option =
        OptionFactory.Many("--opt", "-o", "KEY=VALUE", "Set a driver option, such as mtu=9000 or isolate=true");
    private readonly Option<bool> _ignore = OptionFactory.Flag("--ignore", null, "Do not fail if the network exists");
    private readonly Argument<string[]> _name;

    public NetworkCreateCommand() : base("create", "Create a network")
    {
        AddOptions(
            _disableDns,
            _dns,
            _driver,
            _gateway,
            _ignore,
            _interfaceName,
            _internal,
            _ipRange,
            _ipv6,
            _label,
            _option,
            _route,
            _subnet);
        _name = AddArgument("NAME", ArgumentArity.ZeroOrOne);
    }

    public override async Task<int> RunAsync(Invocation run)
    {
        var network = await run.Engine.Networks.CreateAsync(new NetworkCreateOptions
        {
            Name = run.Get(_name).FirstOrDefault(),
            Driver = run.Get(_driver) ?? "bridge",
            Subnets = run.Get(_subnet),
            Gateways = run.Get(_gateway),
            IpRanges = run.Get(_ipRange),
            Routes = run.Get(_route),
            IPv6 = run.Get(_ipv6),
            Internal = run.Get(_internal),
            DisableDns = run.Get(_disableDns),
            DnsServers = run.Get(_dns),
            Interface = run.Get(_interfaceName),
            Labels = ValueParsers.Pairs(run.Get(_label)),
            Options = ValueParsers.Pairs(run.Get(_option)),
            Ignore = run.Get(_ignore),
        }, run.Cancellation);
        StandardOutput.Line(network.Name);
        return 0;
    }
}
