using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Images;
using Stasis.Linux.Files;

namespace Stasis.Cli.Commands.Images;

internal sealed class SaveCommand : Verb
{
    private readonly Option<string?> _format = OptionFactory.OneOf(
        "--format",
        null,
        "FORMAT",
        "Format of the archive (default: oci-archive for a checkpoint image, else docker-archive)",
        ["docker-archive", "oci-archive"]);
    private readonly Option<string?> _output = OptionFactory.Text("--output", "-o", "FILE", "Write to a file (default: standard output)");
    private readonly Argument<string[]> _image;

    public SaveCommand() : base("save", "Save an image to an archive")
    {
        AddOptions(_format, _output);
        _image = AddArgument("IMAGE", ArgumentArity.ExactlyOne);
    }

    public override string Details =>
        "podman load, docker load and stasis load read the archive. Layers are packed again, so a pulled image may have another ID in " +
        "the archive. A checkpoint image needs the format oci-archive: docker-archive has no annotations, which mark it as a " +
        "checkpoint.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis save -o counter-monday.tar counter-monday",
            "Save a checkpoint image; after podman load -i counter-monday.tar, Podman can restore it too.")
    ];

    public override async Task<int> RunAsync(Invocation run)
    {
        var (images, name) = (run.Engine.Images, run.Get(_image)[0]);
        var format = run.Get(_format) is { } asked ? asked == "oci-archive" : images.Get(name).IsCheckpoint;
        var kind = format ? ImageFormat.OciArchive : ImageFormat.DockerArchive;
        if (run.Get(_output) is not { Length: > 0 } file)
        {
            if (StandardOutput.IsTerminal)
                throw new UsageException("refusing to save to terminal. Use -o flag or redirect");
            await images.SaveAsync(name, kind, StandardStream.Output, null, run.Cancellation);
            return 0;
        }
        await ProgressDisplay.ShowAsync(async (IProgress<ImageProgress>? progress) =>
        {
            await images.SaveAsync(name, kind, file, progress, run.Cancellation);
            return true;
        });
        return 0;
    }
}
