using System.CommandLine;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointTagCommand : Verb
{
    private readonly Argument<string[]> _checkpoint;
    private readonly Argument<string[]> _names;

    public CheckpointTagCommand() : base("tag", "Give a checkpoint in the store a name") =>
        (_checkpoint, _names) = (AddArgument("CHECKPOINT", ArgumentArity.ExactlyOne), AddArgument("NAME", ArgumentArity.OneOrMore));

    public override string Details => "With a name it stays, whether a container uses it or not, and is no more pruned. A name that another checkpoint has is taken from that one. It waits until the checkpoint is whole, and on disk.";

    public override async Task<int> RunAsync(Invocation run)
    {
        var checkpoint = run.Engine.Checkpoints.Get(run.Get(_checkpoint)[0]);
        foreach (var name in run.Get(_names))
            await run.Engine.Checkpoints.TagAsync(checkpoint, name, run.Cancellation);
        return 0;
    }
}
