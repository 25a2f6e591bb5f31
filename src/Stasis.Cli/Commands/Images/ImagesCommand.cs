using System.CommandLine;
using Stasis.Cli.Filters;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Tables;
using Stasis.Cli.Output.Templates;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Images;

internal sealed class ImagesCommand : Verb
{
    private readonly Option<bool> _all = OptionFactory.Flag("--all", "-a", "Show all images (the default)");
    private readonly Option<bool> _digests = OptionFactory.Flag("--digests", null, "Show digests");
    private readonly Option<string[]> _filter = OptionFactory.Many("--filter", "-f", "KEY=VALUE", "Filter by: " + ImageFilters.Keys);
    private readonly Option<string?> _format = OptionFactory.Text(
        "--format",
        null,
        "FORMAT",
        "json, table, or a template such as {{.Repository}}:{{.Tag}}; \"table\" in front adds a header");
    private readonly Option<bool> _history = OptionFactory.Flag("--history", null, "Display all names of an image");
    private readonly Option<bool> _noHeading = OptionFactory.Flag("--noheading", "-n", "Do not print headers");
    private readonly Option<bool> _noTrunc = OptionFactory.Flag("--no-trunc", null, "Do not truncate IDs");
    private readonly Option<bool> _quiet = OptionFactory.Flag("--quiet", "-q", "Print IDs only");
    private readonly Option<string?> _sort =
        OptionFactory.OneOf("--sort", null, "KEY", "Sort by", ["created", "id", "repository", "size", "tag"]);
    private readonly Argument<string[]> _image;

    public ImagesCommand(string name) : base(name, "List images")
    {
        Hidden = name == "list";
        AddOptions(_all, _digests, _filter, _format, _history, _noHeading, _noTrunc, _quiet, _sort);
        _image = AddArgument("IMAGE", ArgumentArity.ZeroOrOne);
    }

    public override Task<int> RunAsync(Invocation run)
    {
        if (run.Get(_image).Length > 0 && run.Get(_filter).Length > 0)
            throw new UsageException("cannot specify an image and a filter(s)");
        var filters = ImageFilters.Parse([.. run.Get(_filter), .. run.Get(_image).Select(image => $"reference={image}")], run.Engine);
        var uses = run.Engine.Containers.List().CountBy(container => container.Config.RootfsImageId ?? "").ToDictionary();
        var rows = Sorted(
            run,
            run.Engine.Images.List().Where(filters.Match)
                .SelectMany(image => ImageJsonRow.FromImage(image, uses.GetValueOrDefault(image.Id))));
        var whole = run.Get(_noTrunc);
        if (Template.IsJson(run.Get(_format)))
            JsonPrinter.Write(rows, CliJsonContext.Default.ListImageJsonRow);
        else if (run.Get(_quiet))
            rows.Select(row => ImageCells.Id(row, whole)).Distinct().ToList().ForEach(StandardOutput.Line);
        else
        {
            var table = new TemplatedTable("images", ImageCells.Table(run.Get(_digests), run.Get(_history)), ImageCells.Titles);
            table.Write(
                rows.Select(row => ImageCells.FromRow(row, whole)),
                CliJsonContext.Default.ImageCells,
                run.Get(_format),
                run.Get(_noHeading));
        }
        return Task.FromResult(0);
    }

    private List<ImageJsonRow> Sorted(Invocation run, IEnumerable<ImageJsonRow> rows) => run.Get(_sort) switch
    {
        "id" => [.. rows.OrderBy(row => row.Id, StringComparer.Ordinal)],
        "repository" => [.. rows.OrderBy(row => row.Repository, StringComparer.Ordinal).ThenBy(row => row.Tag, StringComparer.Ordinal)],
        "size" => [.. rows.OrderBy(row => row.Size)],
        "tag" => [.. rows.OrderBy(row => row.Tag, StringComparer.Ordinal)],
        _ => [.. rows],
    };
}
