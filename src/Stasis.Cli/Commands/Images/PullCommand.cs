using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Images;

internal sealed class PullCommand : Verb
{
    private readonly RegistryAccessOptions _registry = new();
    private readonly Argument<string[]> _images;

    public PullCommand() : base("pull", "Pull images from a registry, or from another transport of skopeo")
    {
        AddOptions(_registry.All);
        _images = AddArgument("IMAGE", ArgumentArity.OneOrMore);
    }

    public override string Details =>
        "IMAGE is a name, or a transport with its argument, such as oci:/path, docker-archive:/path, dir:/path or containers-storage:name.";

    public override string? HandlesEach => "images";

    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(run.Get(_images), async name =>
    {
        var image = await ProgressDisplay.ShowAsync(
            progress => run.Engine.Images.PullAsync(name, retag: true, _registry.Read(run), progress, run.Cancellation));
        StandardOutput.Line(image.Id);
    });
}
