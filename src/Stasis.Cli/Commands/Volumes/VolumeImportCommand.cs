using System.CommandLine;
using Stasis.Cli.Verbs;
using Stasis.Linux.Files;

namespace Stasis.Cli.Commands.Volumes;

internal sealed class VolumeImportCommand : Verb
{
    private readonly Argument<string[]> _name;
    private readonly Argument<string[]> _file;

    public VolumeImportCommand() : base("import", "Unpack a tar into a named volume") =>
        (_name, _file) = (AddArgument("VOLUME", ArgumentArity.ExactlyOne), AddArgument("FILE", ArgumentArity.ExactlyOne));

    public override string Details => "The volume must be there. What is in it stays, unless the tar has something of that name. FILE may be compressed with gzip or zstd; - is standard input.";

    public override IReadOnlyList<(string, string)> Examples => [("ssh host stasis volume export data | stasis volume import data -", "Take a volume over from another host.")];

    public override Task<int> RunAsync(Invocation run)
    {
        var (name, file) = (run.Get(_name)[0], run.Get(_file)[0]);
        using var source = file == "-" ? StandardStream.Input : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        run.Engine.Volumes.Import(name, source, file, run.Cancellation);
        return Task.FromResult(0);
    }
}
