using System.CommandLine;
using System.Text.Json;
using Stasis.Cli.Output;

namespace Stasis.Cli.Commands;

internal sealed class ImageInspectCommand : Verb
{
    private readonly Option<string?> _format = Opt.Text("--format", "-f", "FORMAT", "json, or a template such as {{.Size}}");
    private readonly Argument<string[]> _images;

    public ImageInspectCommand() : base("inspect", "Show all that is known of images, as JSON")
    {
        Take(_format);
        _images = Takes("IMAGE", ArgumentArity.OneOrMore);
    }

    public override async Task<int> RunAsync(Invocation run)
    {
        var found = new List<JsonElement>();
        var exit = await run.ForEachAsync(run.Get(_images), name =>
        {
            found.Add(JsonSerializer.SerializeToElement(ImageInspection.Of(run.Engine.Images.Get(name)), CliJson.Default.ImageInspection));
            return Task.CompletedTask;
        });
        Json.WriteInspections(found, run.Get(_format));
        return exit;
    }
}
