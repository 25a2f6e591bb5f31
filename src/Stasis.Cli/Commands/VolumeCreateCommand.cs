using System.CommandLine;
using Stasis.Cli.Output;

namespace Stasis.Cli.Commands;

internal sealed class VolumeCreateCommand : Verb
{
    private readonly Option<bool> _ignore = Opt.Flag("--ignore", null, "A volume that is there already is no error");
    private readonly Argument<string[]> _name;

    public VolumeCreateCommand() : base("create", "Make a named volume")
    {
        Take(_ignore);
        _name = Takes("VOLUME", ArgumentArity.ExactlyOne);
    }

    public override Task<int> RunAsync(Invocation run)
    {
        var name = run.Get(_name)[0];
        if (run.Get(_ignore))
            run.Engine.Volumes.Ensure(name);
        else
            run.Engine.Volumes.Create(name);
        StandardOutput.Line(name);
        return Task.FromResult(0);
    }
}
