using System.CommandLine;
using Stasis.Cli.Commands.Archives;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointImportCommand : Verb
{
    private readonly ArchiveAccessOptions _reading = new();
    private readonly Argument<string[]> _file;
    private readonly Argument<string[]> _tag;

    public CheckpointImportCommand() : base("import", "Import an archive into the checkpoint store")
    {
        AddOptions(_reading.All);
        (_file, _tag) = (AddArgument("FILE", ArgumentArity.ExactlyOne), AddArgument("NAME", ArgumentArity.ZeroOrOne));
    }

    public override string Details =>
        "FILE is an archive of Stasis or Podman; - is standard input. Prints the ID of the checkpoint, which is the SHA-256 of the " +
        "file. An archive that is in the store already is not read again, unless it is encrypted: then the checkpoint has an ID of its " +
        "own, needs a NAME, and is removed with its last name and container. container restore --import imports too; this command also " +
        "syncs the checkpoint to disk. prune does not remove a checkpoint with a NAME.";

    public override IReadOnlyList<(string, string)> Examples =>
        [
            ("stasis checkpoint import web.tar.zst web && stasis restore --checkpoint web --name web-1",
                "Import an archive under a name, and start a copy from it."),
        ];

    public override async Task<int> RunAsync(Invocation run)
    {
        var checkpoints = run.Engine.Checkpoints;
        if (run.Get(_tag) is [var name] && _reading.SignersHint(run) is { Length: > 0 } hint && File.Exists(name))
            throw new UsageException($"{name} is a file, but the second argument is a checkpoint's name{hint}");
        var (archive, tag) = (ArchiveAccessOptions.Source(run.Get(_file)[0]), run.Get(_tag) is [var given] ? given : null);
        var checkpoint = await ProgressDisplay.ShowAsync(
            progress => checkpoints.ReadIntoStoreAsync(archive, _reading.Read(run), tag, progress, run.Cancellation));
        StandardOutput.Line(checkpoint.Id);
        return 0;
    }
}
