using System.CommandLine;
using System.Text.Json;
using Stasis.Cli.Output;

namespace Stasis.Cli.Commands;

internal sealed class NetworkLsCommand : Verb
{
    private readonly Option<bool> _quiet = Opt.Flag("--quiet", "-q", "Show names alone");
    private readonly Option<bool> _noTrunc = Opt.Flag("--no-trunc", null, "Show whole IDs");
    private readonly Option<string?> _format = Opt.Text("--format", null, "FORMAT", "json, or a template such as {{.Name}}");

    public NetworkLsCommand(string name) : base(name, "List networks") => Take(_format, _noTrunc, _quiet);

    public override Task<int> RunAsync(Invocation run)
    {
        var networks = run.Engine.Networks.List();
        if (run.Get(_quiet))
        {
            foreach (var network in networks)
                StandardOutput.Line(network.Name);
        }
        else if (run.Get(_format) is { } format)
        {
            var rows = networks.Select(network => JsonSerializer.SerializeToElement(network, CliJson.Default.NetworkConfig)).ToList();
            if (format == "json")
                Json.WriteInspections(rows, null);
            else
                Listing.Write(rows, format);
        }
        else
        {
            var table = new Table("NETWORK ID", "NAME", "DRIVER");
            foreach (var network in networks)
                table.Add(run.Get(_noTrunc) ? network.Id : network.Id[..12], network.Name, network.Driver);
            table.Write(StandardOutput.Writer);
        }
        return Task.FromResult(0);
    }
}
