using Stasis.Cli.Output;

namespace Stasis.Cli.Commands.Containers;

internal sealed class CreateCommand() : ContainerCreationVerb("create", "Create a container without starting it")
{
    public override async Task<int> RunAsync(Invocation run)
    {
        StandardOutput.Line((await CreateAsync(run)).Id);
        return 0;
    }
}
