using System.CommandLine;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Containers;

/// <summary>What conmon runs when a container has ended, with the container's ID as the last argument.</summary>
internal sealed class CleanupCommand : Verb
{
    private readonly Argument<string[]> _id;

    public CleanupCommand() : base("cleanup", "Record how a container ended and undo its mounts")
    {
        Hidden = true;
        _id = AddArgument("CONTAINER", ArgumentArity.ExactlyOne);
    }

    public override bool UsesState => false; // of this one container alone, and the engine sees to that

    public override async Task<int> RunAsync(Invocation run)
    {
        await run.Engine.Containers.CleanupAsync(run.Get(_id)[0], CancellationToken.None);
        return 0;
    }
}
