using Stasis.Cli.Verbs;
using Stasis.Engine;
using Stasis.Engine.Errors;

namespace Stasis.Cli.Commands.Containers;

internal sealed class ContainerExistsCommand() : ExistsVerb("container")
{
    protected override bool Exists(StasisEngine engine, string name)
    {
        try
        {
            return engine.Containers.Get(name) is not null;
        }
        catch (NotFoundException)
        {
            return false;
        }
    }
}
