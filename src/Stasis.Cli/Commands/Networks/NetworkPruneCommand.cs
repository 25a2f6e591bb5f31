using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Networks;

internal sealed class NetworkPruneCommand : Verb
{
    private readonly Option<bool> _force = OptionFactory.Flag("--force", "-f", "Do not prompt for confirmation (never prompts)");

    public NetworkPruneCommand() : base("prune", "Remove all unused networks") => AddOptions(_force);

    public override async Task<int> RunAsync(Invocation run)
    {
        foreach (var name in await run.Engine.Networks.PruneAsync(run.Cancellation))
            StandardOutput.Line(name);
        return 0;
    }
}
