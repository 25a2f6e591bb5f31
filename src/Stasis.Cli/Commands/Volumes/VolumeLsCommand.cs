using System.CommandLine;
using Stasis.Cli.Filters;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Inspect;
using Stasis.Cli.Output.Tables;
using Stasis.Cli.Output.Templates;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Volumes;

internal sealed class VolumeLsCommand : Verb
{
    private static readonly TemplatedTable Table =
        new("ls", @"{{.Driver}}\t{{.Name}}", new Dictionary<string, string> { ["Name"] = "VOLUME NAME" });

    private readonly Option<string[]> _filter = OptionFactory.Many("--filter", "-f", "KEY=VALUE", "Filter by: " + VolumeFilters.Keys);
    private readonly Option<string?> _format =
        OptionFactory.Text("--format", null, "FORMAT", "json, table, or a template such as {{.Name}}; \"table\" in front adds a header");
    private readonly Option<bool> _noHeading = OptionFactory.Flag("--noheading", "-n", "Do not print headers");
    private readonly Option<bool> _quiet = OptionFactory.Flag("--quiet", "-q", "Print names only");

    public VolumeLsCommand(string name) : base(name, "List volumes")
    {
        Hidden = name != "ls"; // Podman's second name for ls
        AddOptions(_filter, _format, _noHeading, _quiet);
    }

    public override Task<int> RunAsync(Invocation run)
    {
        if (run.Get(_quiet) && run.Has(_format))
            throw new UsageException("quiet and format flags cannot be used together");
        var filters = VolumeFilters.Parse(run.Get(_filter), run.Engine.Volumes);
        var volumes = run.Engine.Volumes.List().Where(filters.Match).ToList();
        var users = run.Engine.Containers.List();
        List<VolumeInspection> rows = [.. volumes.Select(volume => VolumeInspection.FromVolume(volume, users))];
        if (Template.IsJson(run.Get(_format)))
            JsonPrinter.Write(rows, CliJsonContext.Default.ListVolumeInspection);
        else if (run.Get(_quiet))
            volumes.ForEach(volume => StandardOutput.Line(volume.Name));
        else
            Table.Write(rows.Select(VolumeCells.FromVolume), CliJsonContext.Default.VolumeCells, run.Get(_format), run.Get(_noHeading));
        return Task.FromResult(0);
    }
}
