using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Inspect;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Images;

internal sealed class ImageInspectCommand : Verb
{
    private readonly Option<string?> _format = OptionFactory.Text("--format", "-f", "FORMAT", "json, or a template such as {{.Size}}");
    private readonly Argument<string[]> _images;

    public ImageInspectCommand() : base("inspect", "Display the configuration of images, as JSON")
    {
        AddOptions(_format);
        _images = AddArgument("IMAGE", ArgumentArity.OneOrMore);
    }

    public override string? HandlesEach => "images";

    public override async Task<int> RunAsync(Invocation run)
    {
        var found = new InspectOutput(run.Get(_format));
        var exit = await run.ForEachAsync(run.Get(_images), name =>
        {
            found.Add(ImageInspection.FromImage(run.Engine.Images.Get(name), run.Engine.Layout), CliJsonContext.Default.ImageInspection);
            return Task.CompletedTask;
        });
        found.Write();
        return exit;
    }
}
