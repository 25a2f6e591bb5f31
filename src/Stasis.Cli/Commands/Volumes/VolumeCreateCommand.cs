using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Volumes;

internal sealed class VolumeCreateCommand : Verb
{
    private readonly Option<bool> _ignore = OptionFactory.Flag("--ignore", null, "Do not fail if the volume exists");
    private readonly Option<string[]> _label = OptionFactory.Many("--label", "-l", "KEY=VALUE", "Set a label of the volume");
    private readonly Argument<string[]> _name;

    public VolumeCreateCommand() : base("create", "Create a volume")
    {
        AddOptions(_ignore, _label);
        _name = AddArgument("VOLUME", ArgumentArity.ZeroOrOne);
    }

    public override string Details => "Prints the name. The default is a name of 64 random hexadecimal digits.";

    public override Task<int> RunAsync(Invocation run)
    {
        var name = run.Get(_name).FirstOrDefault();
        if (name is null || !run.Get(_ignore) || !run.Engine.Volumes.Exists(name))
            name = run.Engine.Volumes.Create(name, ValueParsers.Pairs(run.Get(_label))).Name;
        StandardOutput.Line(name);
        return Task.FromResult(0);
    }
}
