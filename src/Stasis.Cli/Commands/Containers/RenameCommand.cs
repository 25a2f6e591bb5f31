using System.CommandLine;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Containers;

internal sealed class RenameCommand : Verb
{
    private readonly Argument<string[]> _container;
    private readonly Argument<string[]> _name;

    public RenameCommand() : base("rename", "Rename a container") =>
        (_container, _name) = (AddArgument("CONTAINER", ArgumentArity.ExactlyOne), AddArgument("NAME", ArgumentArity.ExactlyOne));

    public override async Task<int> RunAsync(Invocation run)
    {
        await run.Engine.Containers.RenameAsync(run.Get(_container)[0], run.Get(_name)[0], run.Cancellation);
        return 0;
    }
}
