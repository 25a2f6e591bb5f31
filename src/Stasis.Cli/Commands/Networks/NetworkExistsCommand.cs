using Stasis.Cli.Verbs;
using Stasis.Engine;

namespace Stasis.Cli.Commands.Networks;

internal sealed class NetworkExistsCommand() : ExistsVerb("network")
{
    protected override bool Exists(StasisEngine engine, string name) => engine.Networks.Find(name) is not null;
}
