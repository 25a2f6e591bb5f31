using System.CommandLine;
using Stasis.Cli.Filters;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Tables;
using Stasis.Cli.Output.Templates;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Containers;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class PsCommand : Verb
{
    private static readonly string[] SortKeys = ["command", "created", "id", "image", "names", "runningfor", "size", "status"];

    private readonly Option<bool> _all = OptionFactory.Flag("--all", "-a", "Show all containers (default: only running ones)");
    private readonly Option<string[]> _filter = OptionFactory.Many("--filter", "-f", "KEY=VALUE", "Filter by: " + ContainerFilters.Keys);
    private readonly Option<string?> _format =
        OptionFactory.Text("--format", null, "FORMAT", "json, table, or a template such as {{.Names}}; \"table\" in front adds a header");
    private readonly Option<long> _last =
        OptionFactory.Create("--last", "-n", "NUMBER", "Show the NUMBER last created containers, in any state", ValueParsers.Integer);
    private readonly Option<bool> _latest = OptionFactory.Flag("--latest", "-l", "Show the latest container created, in any state");
    private readonly Option<bool> _noHeading = OptionFactory.Flag("--noheading", null, "Do not print headers");
    private readonly Option<bool> _noTrunc = OptionFactory.Flag("--no-trunc", null, "Do not truncate IDs and commands");
    private readonly Option<bool> _quiet = OptionFactory.Flag("--quiet", "-q", "Print IDs only");
    private readonly Option<bool> _size =
        OptionFactory.Flag("--size", "-s", "Display the size on disk: of the changes, and with the image");
    private readonly Option<string?> _sort = OptionFactory.OneOf("--sort", null, "KEY", "Sort by", SortKeys);

    public PsCommand(string name) : base(name, "List containers")
    {
        Hidden = name == "list";
        AddOptions(_all, _filter, _format, _last, _latest, _noHeading, _noTrunc, _quiet, _size, _sort);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis ps -a --format 'table {{.Names}} {{.Status}} {{.Ports}}'", "List all containers in three columns."),
        ("stasis ps --filter label=kind=test -q", "Print the IDs of containers with a label."),
    ];

    public override Task<int> RunAsync(Invocation run)
    {
        if (run.Has(_last) && run.Get(_latest))
            throw new UsageException("last and latest are mutually exclusive");
        if (run.Get(_quiet) && run.Get(_size))
            throw new UsageException("quiet conflicts with size and namespace");
        var whole = run.Get(_noTrunc);
        var containers = Sorted(run, Selected(run));
        if (Template.IsJson(run.Get(_format)))
            JsonPrinter.Write(
                [.. containers.Select(one => ContainerJsonRow.FromContainer(one.Container, one.Size))],
                CliJsonContext.Default.ListContainerJsonRow);
        else if (run.Get(_quiet) && run.Get(_format) is null)
            containers.ForEach(one => StandardOutput.Line(HumanFormat.Id(one.Container.Id, whole)));
        else
        {
            var table = new TemplatedTable("ps", run.Get(_size) ? ContainerCells.SizedTable : ContainerCells.Table, ContainerCells.Titles);
            table.Write(
                containers.Select(one => ContainerCells.FromContainer(one.Container, whole, one.Size)),
                CliJsonContext.Default.ContainerCells,
                run.Get(_format),
                run.Get(_noHeading));
        }
        return Task.FromResult(0);
    }

    private List<Container> Selected(Invocation run)
    {
        var filters = ContainerFilters.Parse(run.Get(_filter), run.Engine);
        var last = run.Get(_latest) ? 1 : run.Has(_last) ? run.Get(_last) : -1;
        // A filter by state includes containers that do not run.
        var all = run.Get(_all) || last >= 0 || filters.Has("status") || filters.Has("exited");
        var containers = run.Engine.Containers.List()
            .Where(container => (all || container.State.IsAlive) && filters.Match(container))
            .OrderBy(container => container.Config.CreatedTime);
        return last < 0 ? [.. containers] : [.. containers.TakeLast((int)Math.Min(last, int.MaxValue))];
    }

    private List<(Container Container, ContainerSize? Size)> Sorted(Invocation run, List<Container> containers)
    {
        var sized =
            containers.Select(container => (Container: container, Size: run.Get(_size) ? run.Engine.Containers.GetSize(container) : null));
        string Text((Container Container, ContainerSize? Size) one) => run.Get(_sort) switch
        {
            "command" => string.Join(' ', one.Container.Config.Command ?? []),
            "id" => one.Container.Id,
            "image" => one.Container.Config.RootfsImageName ?? "",
            "names" => one.Container.Name,
            _ => ContainerJsonRow.StateOf(one.Container),
        };
        return run.Get(_sort) switch
        {
            null or "created" => [.. sized],
            "size" => [.. sized.OrderBy(one => one.Size?.RootFs)],
            "runningfor" => [.. sized.OrderBy(one => one.Container.State.StartedAt)],
            _ => [.. sized.OrderBy(Text, StringComparer.Ordinal)],
        };
    }
}
