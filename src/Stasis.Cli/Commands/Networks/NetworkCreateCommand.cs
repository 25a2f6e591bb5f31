using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Network;

namespace Stasis.Cli.Commands.Networks;

internal sealed class NetworkCreateCommand : Verb
{
    private readonly Option<string?> _driver = OptionFactory.OneOf("--driver", "-d", "DRIVER", "How containers are attached", ["bridge", "macvlan", "ipvlan"]);
    private readonly Option<string[]> _subnet = OptionFactory.Many("--subnet", null, "CIDR", "Subnet; a free one is chosen if not given");
    private readonly Option<string[]> _gateway = OptionFactory.Many("--gateway", null, "ADDRESS", "The subnet's gateway; its first address if not given");
    private readonly Option<string[]> _ipRange = OptionFactory.Many("--ip-range", null, "RANGE", "Part of the subnet to give addresses out of: CIDR or FIRST-LAST");
    private readonly Option<string[]> _route = OptionFactory.Many("--route", null, "DESTINATION,GATEWAY[,METRIC]", "Further route of its containers");
    private readonly Option<bool> _ipv6 = OptionFactory.Flag("--ipv6", null, "An IPv6 subnet too");
    private readonly Option<bool> _internal = OptionFactory.Flag("--internal", null, "No way out of it");
    private readonly Option<bool> _disableDns = OptionFactory.Flag("--disable-dns", null, "No names of containers");
    private readonly Option<string[]> _dns = OptionFactory.Many("--dns", null, "ADDRESS", "Name server to ask for other names");
    private readonly Option<string?> _interfaceName = OptionFactory.Text("--interface-name", null, "NAME", "The bridge's name, or the parent interface of a macvlan or ipvlan");
    private readonly Option<string[]> _label = OptionFactory.Many("--label", null, "KEY=VALUE", "Label");
    private readonly Option<string[]> _option = OptionFactory.Many("--opt", "-o", "KEY=VALUE", "Option of the driver, such as mtu=9000 or isolate=true");
    private readonly Option<bool> _ignore = OptionFactory.Flag("--ignore", null, "A network that is there already is no error");
    private readonly Argument<string[]> _name;

    public NetworkCreateCommand() : base("create", "Make a network")
    {
        AddOptions(_disableDns, _dns, _driver, _gateway, _ignore, _interfaceName, _internal, _ipRange, _ipv6, _label, _option, _route, _subnet);
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
