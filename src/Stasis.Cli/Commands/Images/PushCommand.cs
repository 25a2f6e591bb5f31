using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Images;

internal sealed class PushCommand : Verb
{
    private readonly RegistryAccessOptions _registry = new();
    private readonly Argument<string[]> _image;
    private readonly Argument<string[]> _destination;

    public PushCommand() : base("push", "Push an image to a registry, or to another transport of skopeo")
    {
        AddOptions(_registry.All);
        _image = AddArgument("IMAGE", ArgumentArity.ExactlyOne);
        _destination = AddArgument("DESTINATION", ArgumentArity.ZeroOrOne);
    }

    public override string Details =>
        "DESTINATION is a name on a registry, or a transport with its argument, such as oci:/path or docker-archive:/path; without it, " +
        "the image's own name. Prints the digest that the image has there. A checkpoint image can be restored from there: stasis restore " +
        "docker://NAME, podman run NAME, or an image volume of a Kubernetes pod.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis push counter-monday registry.example.com/counter:monday", "Push a checkpoint image."),
    ];

    public override async Task<int> RunAsync(Invocation run)
    {
        var destination = run.Get(_destination) is [var given] ? given : null;
        StandardOutput.Line(await ProgressDisplay.ShowAsync(
            progress => run.Engine.Images.PushAsync(run.Get(_image)[0], destination, _registry.Read(run), progress, run.Cancellation)));
        return 0;
    }
}
