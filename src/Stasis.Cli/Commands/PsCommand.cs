using System.CommandLine;
using System.Text.Json;
using Stasis.Cli.Output;
using Stasis.Engine.Containers;

namespace Stasis.Cli.Commands;

internal sealed class PsCommand : Verb
{
    private readonly Option<bool> _all = Opt.Flag("--all", "-a", "Show all containers, not only those that run");
    private readonly Option<string[]> _filter = Opt.Many("--filter", "-f", "KEY=VALUE", "Only those with: id, name, status, label or exited");
    private readonly Option<string?> _format = Opt.Text("--format", null, "FORMAT", "json, or a template such as {{.Names}}, with \"table\" in front for a header");
    private readonly Option<long> _last = Opt.Of("--last", "-n", "NUMBER", "The containers created last, in any state", Values.Integer);
    private readonly Option<bool> _latest = Opt.Flag("--latest", "-l", "The container that was created last, in any state");
    private readonly Option<bool> _noTrunc = Opt.Flag("--no-trunc", null, "Show IDs and commands whole");
    private readonly Option<bool> _quiet = Opt.Flag("--quiet", "-q", "Show IDs alone");

    public PsCommand(string name) : base(name, "List containers")
    {
        Hidden = name == "list";
        Take(_all, _filter, _format, _last, _latest, _noTrunc, _quiet);
    }

    public override Task<int> RunAsync(Invocation run)
    {
        Write(run, Select(run));
        return Task.FromResult(0);
    }

    private List<Container> Select(Invocation run)
    {
        var filters = run.Get(_filter).Select(ContainerFilter.Parse).ToList();
        if (run.Has(_last) && run.Get(_latest))
            throw new UsageException("last and latest are mutually exclusive");
        var last = run.Get(_latest) ? 1 : run.Has(_last) ? run.Get(_last) : -1;
        // A filter for a state means containers in that state, whether they run or not.
        var all = run.Get(_all) || last >= 0 || filters.Any(filter => filter.NamesState);
        var containers = run.Engine.Containers.List()
            .Where(container => (all || container.State.IsAlive) && filters.GroupBy(filter => filter.Key).All(same => same.Any(filter => filter.Matches(container))))
            .OrderBy(container => container.Config.CreatedTime);
        return last < 0 ? [.. containers] : [.. containers.TakeLast((int)Math.Min(last, int.MaxValue))];
    }

    private void Write(Invocation run, List<Container> containers)
    {
        var whole = run.Get(_noTrunc);
        if (run.Get(_format) is "json")
            Json.Write([.. containers.Select(ContainerRow.Of)], CliJson.Default.ListContainerRow);
        else if (run.Get(_format) is { } format)
            Listing.Write(containers.Select(container => JsonSerializer.SerializeToElement(ContainerCells.Of(container, whole), CliJson.Default.ContainerCells)), format);
        else if (run.Get(_quiet))
            containers.ForEach(container => StandardOutput.Line(Human.Id(container.Id, whole)));
        else
        {
            var table = new Table("CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES");
            foreach (var cells in containers.Select(container => ContainerCells.Of(container, whole)))
                table.Add(cells.ID, cells.Image, cells.Command, cells.CreatedHuman, cells.Status, cells.Ports, cells.Names);
            table.Write(StandardOutput.Writer);
        }
    }
}
