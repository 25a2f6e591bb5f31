using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Images;

internal sealed class LoadCommand : Verb
{
    private readonly Option<string?> _input =
        OptionFactory.Text("--input", "-i", "FILE", "Read from an archive or a folder (default: standard input)");
    private readonly Option<bool> _quiet = OptionFactory.Flag("--quiet", "-q", "Suppress the output");

    public LoadCommand() : base("load", "Load images from an archive (docker save, podman save) or an OCI layout") =>
        AddOptions(_input, _quiet);

    public override async Task<int> RunAsync(Invocation run)
    {
        var images =
            await ProgressDisplay.ShowAsync((progress) => run.Engine.Images.LoadAsync(run.Get(_input) ?? "-", progress, run.Cancellation));
        if (run.Get(_quiet))
            return 0;
        foreach (var name in images.SelectMany(image => image.Names.Count > 0 ? image.Names : [$"sha256:{image.Id}"]))
            StandardOutput.Line($"Loaded image: {name}");
        return 0;
    }
}
