using System.CommandLine;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointTagCommand : Verb
{
    private readonly Argument<string[]> _checkpoint;
    private readonly Argument<string[]> _names;

    public CheckpointTagCommand() : base("tag", "Add names to a checkpoint in the store") =>
        (_checkpoint, _names) = (AddArgument("CHECKPOINT", ArgumentArity.ExactlyOne), AddArgument("NAME", ArgumentArity.OneOrMore));

    public override string Details =>
        "A checkpoint with a name is kept whether a container uses it or not; prune does not remove it. A name that another checkpoint " +
        "has is moved. Waits until the checkpoint is complete and on disk.";

    public override async Task<int> RunAsync(Invocation run)
    {
        var checkpoint = run.Engine.Checkpoints.Get(run.Get(_checkpoint)[0]);
        foreach (var name in run.Get(_names))
            await run.Engine.Checkpoints.TagAsync(checkpoint, name, run.Cancellation);
        return 0;
    }
}
