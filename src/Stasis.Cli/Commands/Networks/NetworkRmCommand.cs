using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Networks;

internal sealed class NetworkRmCommand : Verb
{
    private readonly Option<bool> _force = OptionFactory.Flag("--force", "-f", "Remove the containers that use it, too; one that isn't there is no error");
    private readonly Argument<string[]> _names;

    public NetworkRmCommand() : base("rm", "Remove networks")
    {
        AddOptions(_force);
        _names = AddArgument("NETWORK", ArgumentArity.OneOrMore);
    }

    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(run.Get(_names), async name =>
    {
        if (run.Get(_force))
        {
            if (run.Engine.Networks.Find(name) is not { } network)
                return;
            foreach (var container in run.Engine.Networks.Users(network))
                await run.Engine.Containers.RemoveAsync(container, force: true, run.Cancellation);
        }
        await run.Engine.Networks.RemoveAsync(name, run.Cancellation);
        StandardOutput.Line(name);
    });
}
