using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Inspect;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Networks;

internal sealed class NetworkInspectCommand : Verb
{
    private readonly Option<string?> _format = OptionFactory.Text("--format", "-f", "FORMAT", "json, or a template such as {{.Subnets}}");
    private readonly Argument<string[]> _names;

    public NetworkInspectCommand() : base("inspect", "Display the configuration of networks, as JSON")
    {
        AddOptions(_format);
        _names = AddArgument("NETWORK", ArgumentArity.OneOrMore);
    }

    public override string? HandlesEach => "networks";

    public override async Task<int> RunAsync(Invocation run)
    {
        var found = new InspectOutput(run.Get(_format));
        var exit = await run.ForEachAsync(run.Get(_names), name =>
        {
            found.Add(NetworkInspection.FromNetwork(run.Engine, run.Engine.Networks.Get(name)), CliJsonContext.Default.NetworkConfig);
            return Task.CompletedTask;
        });
        found.Write();
        return exit;
    }
}
