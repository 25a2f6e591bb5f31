using System.CommandLine;
using Stasis.Cli.Output;

namespace Stasis.Cli.Commands;

internal sealed class CheckpointRmCommand : Verb
{
    private readonly Argument<string[]> _names;

    public CheckpointRmCommand() : base("rm", "Remove checkpoints from the store") => _names = Takes("CHECKPOINT", ArgumentArity.OneOrMore);

    public override string Details => "CHECKPOINT is an ID, the beginning of one, or a name. A checkpoint that a container uses stays: remove the container first.";

    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(run.Get(_names), name =>
    {
        var checkpoint = run.Engine.Checkpoints.Get(name);
        run.Engine.Checkpoints.Remove(checkpoint);
        StandardOutput.Line(checkpoint.Id);
        return Task.CompletedTask;
    });
}
