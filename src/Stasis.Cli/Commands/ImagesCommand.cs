using System.CommandLine;
using System.Text.Json;
using Stasis.Cli.Output;

namespace Stasis.Cli.Commands;

internal sealed class ImagesCommand : Verb
{
    private readonly Option<string?> _format = Opt.Text("--format", null, "FORMAT", "json, or a template such as {{.Repository}}:{{.Tag}}, with \"table\" in front for a header");
    private readonly Option<bool> _noTrunc = Opt.Flag("--no-trunc", null, "Show IDs whole");
    private readonly Option<bool> _quiet = Opt.Flag("--quiet", "-q", "Show IDs alone");
    private readonly Argument<string[]> _image;

    public ImagesCommand(string name) : base(name, "List images")
    {
        Hidden = name == "list";
        Take(_format, _noTrunc, _quiet);
        _image = Takes("IMAGE", ArgumentArity.ZeroOrOne);
    }

    public override Task<int> RunAsync(Invocation run)
    {
        var uses = run.Engine.Containers.List().CountBy(container => container.Config.RootfsImageId ?? "").ToDictionary();
        var images = run.Get(_image) is [var only] ? [run.Engine.Images.Get(only)] : run.Engine.Images.List();
        List<ImageRow> rows = [.. images.SelectMany(image => ImageRow.Of(image, uses.GetValueOrDefault(image.Id)))];
        string Id(ImageRow row) => run.Get(_noTrunc) ? $"sha256:{row.Id}" : Human.Id(row.Id);

        if (run.Get(_format) is "json")
            Json.Write(rows, CliJson.Default.ListImageRow);
        else if (run.Get(_format) is { } format)
            Listing.Write(rows.Select(row => JsonSerializer.SerializeToElement(row with { Id = Id(row) }, CliJson.Default.ImageRow)), format);
        else if (run.Get(_quiet))
            rows.Select(Id).Distinct().ToList().ForEach(StandardOutput.Line);
        else
        {
            var table = new Table("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE");
            foreach (var row in rows)
                table.Add(row.Repository, row.Tag, Id(row), row.CreatedAt != default ? Human.Ago(row.CreatedAt) : "", Human.Size(row.Size));
            table.Write(StandardOutput.Writer);
        }
        return Task.FromResult(0);
    }
}
