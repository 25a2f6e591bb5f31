using Stasis.Cli.Verbs;
using Stasis.Engine;

namespace Stasis.Cli.Commands.Images;

internal sealed class ImageExistsCommand() : ExistsVerb("image")
{
    protected override bool Exists(StasisEngine engine, string name) => engine.Images.Find(name) is not null;
}
