using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Images;

internal sealed class ImportCommand : Verb
{
    private readonly Argument<string[]> _file;
    private readonly Argument<string[]> _name;

    public ImportCommand() : base("import", "Import a tarball of a root file system as an image") =>
        (_file, _name) = (AddArgument("FILE", ArgumentArity.ExactlyOne), AddArgument("IMAGE", ArgumentArity.ExactlyOne));

    public override string Details => "FILE may be compressed with gzip or zstd; - is standard input.";

    public override async Task<int> RunAsync(Invocation run)
    {
        var image = await ProgressDisplay.ShowAsync(
            (progress) => run.Engine.Images.ImportAsync(run.Get(_file)[0], run.Get(_name)[0], progress, run.Cancellation));
        StandardOutput.Line($"sha256:{image.Id}");
        return 0;
    }
}
