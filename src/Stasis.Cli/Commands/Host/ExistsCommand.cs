using System.CommandLine;
using Stasis.Cli.Verbs;
using Stasis.Engine;
using Stasis.Engine.Errors;

namespace Stasis.Cli.Commands.Host;

/// <summary>For scripts: no output, but an exit code.</summary>
internal abstract class ExistsCommand : Verb
{
    private readonly Argument<string[]> _name;

    protected ExistsCommand(string kind) : base("exists", $"Tell by the exit code whether there is such {kind}: 0 or 1") =>
        _name = Takes(kind.Split(' ')[^1].ToUpperInvariant(), ArgumentArity.ExactlyOne);

    public override Task<int> RunAsync(Invocation run) => Task.FromResult(Exists(run.Engine, run.Get(_name)[0]) ? 0 : 1);

    protected abstract bool Exists(StasisEngine engine, string name);
}

internal sealed class ContainerExistsCommand() : ExistsCommand("a container")
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

internal sealed class ImageExistsCommand() : ExistsCommand("an image")
{
    protected override bool Exists(StasisEngine engine, string name) => engine.Images.Find(name) is not null;
}

internal sealed class VolumeExistsCommand() : ExistsCommand("a volume")
{
    protected override bool Exists(StasisEngine engine, string name) => engine.Volumes.Exists(name);
}

internal sealed class NetworkExistsCommand() : ExistsCommand("a network")
{
    protected override bool Exists(StasisEngine engine, string name) => engine.Networks.Find(name) is not null;
}
