using System.CommandLine;
using System.Text.Json;
using Stasis.Cli.Output;

namespace Stasis.Cli.Commands;

internal sealed class VolumeLsCommand : Verb
{
    private readonly Option<string[]> _filter = Opt.Many("--filter", "-f", "KEY=VALUE", "Only volumes that match: " + VolumeFilters.Keys);
    private readonly Option<string?> _format = Opt.Text("--format", null, "FORMAT", "json, or a template such as {{.Name}}");
    private readonly Option<bool> _noHeading = Opt.Flag("--noheading", "-n", "Leave out the table's heading");
    private readonly Option<bool> _quiet = Opt.Flag("--quiet", "-q", "Show names alone");

    public VolumeLsCommand(string name) : base(name, "List named volumes")
    {
        Hidden = name != "ls"; // Podman's second name for it
        Take(_filter, _format, _noHeading, _quiet);
    }

    public override Task<int> RunAsync(Invocation run)
    {
        if (run.Get(_quiet) && run.Has(_format))
            throw new UsageException("quiet and format flags cannot be used together");
        var filters = VolumeFilters.Parse(run.Get(_filter), run.Engine.Volumes);
        var volumes = run.Engine.Volumes.List().Where(filters.Match).ToList();
        if (run.Get(_format) is { } format)
        {
            var users = run.Engine.Containers.List();
            List<VolumeInspection> rows = [.. volumes.Select(volume => VolumeInspection.Of(volume, users))];
            if (format == "json")
                Json.Write(rows, CliJson.Default.ListVolumeInspection);
            else
                Listing.Write(rows.Select(row => JsonSerializer.SerializeToElement(row, CliJson.Default.VolumeInspection)), format);
        }
        else if (run.Get(_quiet))
        {
            volumes.ForEach(volume => StandardOutput.Line(volume.Name));
        }
        else
        {
            var table = run.Get(_noHeading) ? new Table() : new Table("DRIVER", "VOLUME NAME");
            volumes.ForEach(volume => table.Add("local", volume.Name));
            table.Write(StandardOutput.Writer);
        }
        return Task.FromResult(0);
    }
}
