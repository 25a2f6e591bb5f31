using System.CommandLine;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointUntagCommand : Verb
{
    private readonly Argument<string[]> _names;

    public CheckpointUntagCommand() : base("untag", "Take names from checkpoints in the store") => _names = AddArgument("NAME", ArgumentArity.OneOrMore);

    public override string Details => "A checkpoint of a container of this host goes with its last name, unless a container uses it; one that was read from an archive stays, unless that was encrypted.";

    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(run.Get(_names), name =>
    {
        run.Engine.Checkpoints.Untag(name);
        return Task.CompletedTask;
    });
}
