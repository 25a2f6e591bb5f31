using System.CommandLine;
using Stasis.Cli.Verbs;
using Stasis.Linux.Files;

namespace Stasis.Cli.Commands.Volumes;

internal sealed class VolumeImportCommand : Verb
{
    private readonly Argument<string[]> _name;
    private readonly Argument<string[]> _file;

    public VolumeImportCommand() : base("import", "Import a tarball into a volume") =>
        (_name, _file) = (AddArgument("VOLUME", ArgumentArity.ExactlyOne), AddArgument("FILE", ArgumentArity.ExactlyOne));

    public override string Details =>
        "The volume must exist. Files in the volume are kept, unless the tarball has an entry of the same name. FILE may be compressed " +
        "with gzip or zstd; - is standard input.";

    public override IReadOnlyList<(string, string)> Examples =>
        [("ssh host stasis volume export data | stasis volume import data -", "Copy a volume from another host.")];

    public override Task<int> RunAsync(Invocation run)
    {
        var (name, file) = (run.Get(_name)[0], run.Get(_file)[0]);
        using var source =
            file == "-" ? StandardStream.Input : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        run.Engine.Volumes.Import(name, source, file, run.Cancellation);
        return Task.FromResult(0);
    }
}
