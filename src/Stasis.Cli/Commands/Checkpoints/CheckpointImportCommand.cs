using System.CommandLine;
using Stasis.Cli.Commands.Archives;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Storage;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointImportCommand : Verb
{
    private readonly ArchiveAccessOptions _reading = new();
    private readonly Argument<string[]> _file;
    private readonly Argument<string[]> _tag;

    public CheckpointImportCommand() : base("import", "Read an archive into the store, to restore from it later")
    {
        Take(_reading.All);
        (_file, _tag) = (Takes("FILE", ArgumentArity.ExactlyOne), Takes("NAME", ArgumentArity.ZeroOrOne));
    }

    public override string Details =>
        "FILE is an archive of Stasis or Podman; - is standard input. It prints the checkpoint's ID, which is the SHA-256 of the file; one that is in the store already isn't read again. (One that is encrypted is, under an ID of its own: it needs a NAME, and goes with its last name and container.) " +
        "container restore --import does the same on its way; after this command the checkpoint is on disk, whatever happens to the machine. With NAME it outlives a prune.";

    public override IReadOnlyList<(string, string)> Examples =>
        [("stasis checkpoint import web.tar.zst web && stasis restore --checkpoint web --name web-1", "Keep a checkpoint under a name, and start a copy from it.")];

    public override async Task<int> RunAsync(Invocation run)
    {
        var checkpoints = run.Engine.Checkpoints;
        if (run.Get(_tag) is [var name] && _reading.SignersHint(run) is { Length: > 0 } hint && File.Exists(name))
            throw new UsageException($"{name} is a file, and stands where the checkpoint's name does{hint}");
        var (archive, tag) = (ArchiveAccessOptions.Source(run.Get(_file)[0]), run.Get(_tag) is [var given] ? given : null);
        var checkpoint = await Progress.ShowAsync(progress => checkpoints.ReadIntoStoreAsync(archive, _reading.Read(run), tag, progress, run.Cancellation));
        StandardOutput.Line(checkpoint.Id);
        return 0;
    }
}
