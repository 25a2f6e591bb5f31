using System.CommandLine;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointUntagCommand : Verb
{
    private readonly Argument<string[]> _names;

    public CheckpointUntagCommand() : base("untag", "Remove names from checkpoints in the store") =>
        _names = AddArgument("NAME", ArgumentArity.OneOrMore);

    public override string Details =>
        "A checkpoint of a container on this host is removed with its last name, unless a container uses it. A checkpoint from an " +
        "archive is kept, unless the archive was encrypted.";

    public override string? HandlesEach => "names";

    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(run.Get(_names), name =>
    {
        run.Engine.Checkpoints.Untag(name);
        return Task.CompletedTask;
    });
}
