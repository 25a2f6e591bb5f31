using Stasis.Cli.Verbs;
using Stasis.Engine;

namespace Stasis.Cli.Commands.Volumes;

internal sealed class VolumeExistsCommand() : ExistsVerb("volume")
{
    protected override bool Exists(StasisEngine engine, string name) => engine.Volumes.Exists(name);
}
