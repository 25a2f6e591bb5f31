using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Tables;
using Stasis.Cli.Output.Templates;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Networks;

internal sealed class NetworkLsCommand : Verb
{
    private static readonly TemplatedTable Table =
        new("ls", @"{{.ID}}\t{{.Name}}\t{{.Driver}}", new Dictionary<string, string> { ["ID"] = "NETWORK ID" });

    private readonly Option<string?> _format =
        OptionFactory.Text("--format", null, "FORMAT", "json, table, or a template such as {{.Name}}; \"table\" in front adds a header");
    private readonly Option<bool> _noHeading = OptionFactory.Flag("--noheading", "-n", "Do not print headers");
    private readonly Option<bool> _noTrunc = OptionFactory.Flag("--no-trunc", null, "Do not truncate IDs");
    private readonly Option<bool> _quiet = OptionFactory.Flag("--quiet", "-q", "Print names only");

    public NetworkLsCommand(string name) : base(name, "List networks")
    {
        Hidden = name != "ls"; // Podman's second name for ls
        AddOptions(_format, _noHeading, _noTrunc, _quiet);
    }

    public override Task<int> RunAsync(Invocation run)
    {
        var networks = run.Engine.Networks.List().ToList();
        if (Template.IsJson(run.Get(_format)))
            JsonPrinter.Write(networks, CliJsonContext.Default.ListNetworkConfig);
        else if (run.Get(_quiet))
            networks.ForEach(network => StandardOutput.Line(network.Name));
        else
            Table.Write(
                networks.Select(network => NetworkCells.FromNetwork(network, run.Get(_noTrunc))),
                CliJsonContext.Default.NetworkCells,
                run.Get(_format),
                run.Get(_noHeading));
        return Task.FromResult(0);
    }
}
