using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Inspect;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Volumes;

internal sealed class VolumeInspectCommand : Verb
{
    private readonly Option<bool> _all = OptionFactory.Flag("--all", "-a", "Inspect all volumes");
    private readonly Option<string?> _format =
        OptionFactory.Text("--format", "-f", "FORMAT", "json, or a template such as {{.Mountpoint}}");
    private readonly Argument<string[]> _names;

    public VolumeInspectCommand() : base("inspect", "Display the configuration of volumes, as JSON")
    {
        AddOptions(_all, _format);
        _names = AddArgument("VOLUME", ArgumentArity.ZeroOrMore);
    }

    public override string? HandlesEach => "volumes";

    public override async Task<int> RunAsync(Invocation run)
    {
        var (volumes, names) = (run.Engine.Volumes, run.Get(_names));
        if (run.Get(_all) == names.Length > 0)
            throw new UsageException("choose either one or more volumes or all");
        var users = run.Engine.Containers.List();
        var found = new InspectOutput(run.Get(_format));
        var exit = await run.ForEachAsync(run.Get(_all) ? volumes.List().Select(volume => volume.Name) : names, name =>
        {
            found.Add(VolumeInspection.FromVolume(volumes.Get(name), users), CliJsonContext.Default.VolumeInspection);
            return Task.CompletedTask;
        });
        found.Write();
        return exit;
    }
}
