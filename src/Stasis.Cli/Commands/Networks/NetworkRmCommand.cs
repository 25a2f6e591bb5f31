using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Networks;

internal sealed class NetworkRmCommand : Verb
{
    private readonly Option<bool> _force =
        OptionFactory.Flag("--force", "-f", "Remove containers that use the network too; ignore networks that do not exist");
    private readonly Argument<string[]> _names;

    public NetworkRmCommand() : base("rm", "Remove one or more networks")
    {
        AddOptions(_force);
        _names = AddArgument("NETWORK", ArgumentArity.OneOrMore);
    }

    public override string? HandlesEach => "networks";

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
