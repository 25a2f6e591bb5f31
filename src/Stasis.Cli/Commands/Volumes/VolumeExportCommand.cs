using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Linux.Files;

namespace Stasis.Cli.Commands.Volumes;

internal sealed class VolumeExportCommand : Verb
{
    private readonly Option<string?> _output = OptionFactory.Text("--output", "-o", "FILE", "Write to a file (default: standard output)");
    private readonly Argument<string[]> _name;

    public VolumeExportCommand() : base("export", "Export the content of a volume as a tarball")
    {
        AddOptions(_output);
        _name = AddArgument("VOLUME", ArgumentArity.ExactlyOne);
    }

    public override IReadOnlyList<(string, string)> Examples => [("stasis volume export data -o data.tar", "Export a volume to a file.")];

    public override Task<int> RunAsync(Invocation run)
    {
        var (volumes, name) = (run.Engine.Volumes, run.Get(_name)[0]);
        if (run.Get(_output) is { Length: > 0 } file)
            volumes.Export(name, file, run.Cancellation);
        else if (StandardOutput.IsTerminal)
            throw new UsageException("cannot write to terminal, use command-line redirection or the --output flag");
        else
            volumes.Export(name, StandardStream.Output, run.Cancellation);
        return Task.FromResult(0);
    }
}
