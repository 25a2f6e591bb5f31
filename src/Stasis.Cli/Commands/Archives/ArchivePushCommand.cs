using System.CommandLine;
using Stasis.Cli.Commands.Images;
using Stasis.Cli.Output;
using Stasis.Cli.Verbs;
using Stasis.Engine.Checkpoints;

namespace Stasis.Cli.Commands.Archives;

internal sealed class ArchivePushCommand : Verb
{
    private readonly ArchiveAccessOptions _reading = new();
    private readonly RegistryAccessOptions _registry = new();
    private readonly Argument<string[]> _archive;
    private readonly Argument<string[]> _destination;

    public ArchivePushCommand() : base("push", "Push an archive to a registry as a checkpoint image")
    {
        AddOptions(_reading.All);
        AddOptions(_registry.All);
        _archive = AddArgument("FILE", ArgumentArity.ExactlyOne);
        _destination = AddArgument("DESTINATION", ArgumentArity.ExactlyOne);
    }

    public override string Details =>
        "DESTINATION is a name on a registry, or a transport with its argument, such as oci:/path. The image has one layer, with the " +
        "archive's files. Prints the digest that the image has there. stasis restore docker://NAME restores it, and so do Podman and " +
        "stasis-runtime. FILE - is standard input. An encrypted archive is decrypted: everyone who can pull the image can read the memory.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis archive push counter.tar.zst registry.example.com/counter:monday", "Push an archive."),
        ("stasis container checkpoint -R -e - counter | stasis archive push - registry.example.com/counter:monday",
            "Push a checkpoint of a container that goes on."),
    ];

    public override async Task<int> RunAsync(Invocation run)
    {
        var (archive, destination) = (ArchiveAccessOptions.Source(run.Get(_archive)[0]), run.Get(_destination)[0]);
        StandardOutput.Line(await ProgressDisplay.ShowAsync((IProgress<OperationProgress>? progress) => run.Engine.Checkpoints.PushAsync(
            archive, destination, _reading.Read(run), _registry.Read(run), progress, run.Cancellation)));
        return 0;
    }
}
