using System.CommandLine;

namespace Stasis.Cli.Commands;

internal sealed class NetworkExistsCommand : Verb
{
    private readonly Argument<string[]> _name;

    public NetworkExistsCommand() : base("exists", "Tell by the exit code whether there is such a network: 0 or 1") => _name = Takes("NETWORK", ArgumentArity.ExactlyOne);

    public override Task<int> RunAsync(Invocation run) => Task.FromResult(run.Engine.Networks.Find(run.Get(_name)[0]) is null ? 1 : 0);
}
