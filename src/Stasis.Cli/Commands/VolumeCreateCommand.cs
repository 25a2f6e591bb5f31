using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Engine;

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
        if (run.Engine.Volumes.Exists(name) && !run.Get(_ignore))
            throw new InUseException($"creating volume {name}: there is one of that name");
        run.Engine.Volumes.Ensure(name);
        StandardOutput.Line(name);
        return Task.FromResult(0);
    }
}
