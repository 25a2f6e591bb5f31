using System.CommandLine;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Containers;

/// <summary>ConmonAccess runs this when a container has ended, with the ID of the container as the last argument.</summary>
internal sealed class CleanupCommand : Verb
{
    private readonly Argument<string[]> _id;

    public CleanupCommand() : base("cleanup", "Record the exit of a container and unmount its file systems")
    {
        Hidden = true;
        _id = AddArgument("CONTAINER", ArgumentArity.ExactlyOne);
    }

    public override bool UsesState => false; // CleanupAsync recovers this container itself

    public override async Task<int> RunAsync(Invocation run)
    {
        await run.Engine.Containers.CleanupAsync(run.Get(_id)[0], CancellationToken.None);
        return 0;
    }
}
