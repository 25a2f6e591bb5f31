using System.CommandLine;
using Stasis.Cli.Commands.Archives;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointExportCommand : Verb
{
    private readonly Option<string?> _compress =
        OptionFactory.OneOf("--compress", "-c", "HOW", "Compression of the archive (default: zstd)", ["zstd", "gzip", "none"]);
    private readonly Option<string[]> _encrypt = ArchiveAccessOptions.MakeEncrypt();
    private readonly Argument<string[]> _name;
    private readonly Argument<string[]> _file;

    public CheckpointExportCommand() : base("export", "Export a checkpoint in the store to an archive")
    {
        AddOptions(_compress, _encrypt);
        (_name, _file) = (AddArgument("CHECKPOINT", ArgumentArity.ExactlyOne), AddArgument("FILE", ArgumentArity.ExactlyOne));
    }

    public override string Details =>
        "FILE is written under a temporary name and renamed when it is complete; - is standard output. Podman can restore the archive.";

    public override async Task<int> RunAsync(Invocation run)
    {
        var (checkpoint, file) = (run.Engine.Checkpoints.Get(run.Get(_name)[0]), run.Get(_file)[0]);
        if (file == "-" && StandardOutput.IsTerminal)
            throw new StasisException("cannot write an archive to a terminal") { Remedy = "redirect standard output, or give a file name" };
        var compression = run.Get(_compress) switch
        {
            "gzip" => CompressionFormat.Gzip,
            "none" => CompressionFormat.None,
            _ => CompressionFormat.Zstd,
        };
        await ProgressDisplay.ShowAsync(async progress =>
        {
            await run.Engine.Checkpoints.ExportAsync(checkpoint, file, compression, run.Get(_encrypt), progress, run.Cancellation);
            return true;
        });
        return 0;
    }
}
