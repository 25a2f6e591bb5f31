using System.CommandLine;
using Stasis.Cli.Output;

namespace Stasis.Cli.Commands;

internal sealed class VolumeRmCommand : Verb
{
    private readonly Argument<string[]> _names;

    public VolumeRmCommand() : base("rm", "Remove named volumes") => _names = Takes("VOLUME", ArgumentArity.OneOrMore);

    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(run.Get(_names), name =>
    {
        run.Engine.Volumes.Remove(name);
        StandardOutput.Line(name);
        return Task.CompletedTask;
    });
}
