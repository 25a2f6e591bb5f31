using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointRmCommand : Verb
{
    private readonly Argument<string[]> _names;

    public CheckpointRmCommand() : base("rm", "Remove checkpoints from the store") =>
        _names = AddArgument("CHECKPOINT", ArgumentArity.OneOrMore);

    public override string Details =>
        "CHECKPOINT is an ID, the beginning of an ID, or a name. If the checkpoint has several names, only the given name is removed, " +
        "as with stasis rmi. A checkpoint that a container uses is not removed: remove the container first. stasis checkpoint prune " +
        "removes all checkpoints without a name that no container uses.";

    public override string? HandlesEach => "checkpoints";

    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(run.Get(_names), name =>
    {
        var checkpoint = run.Engine.Checkpoints.Get(name);
        if (checkpoint.Tags.Count > 1 && checkpoint.Tags.Contains(name))
        {
            run.Engine.Checkpoints.Untag(name);
            StandardOutput.Line($"Untagged: {name}");
        }
        else
        {
            run.Engine.Checkpoints.Remove(checkpoint);
            StandardOutput.Line(checkpoint.Id);
        }
        return Task.CompletedTask;
    });
}
