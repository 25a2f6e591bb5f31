using System.CommandLine;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Images;

internal sealed class TagCommand : Verb
{
    private readonly Argument<string[]> _image;
    private readonly Argument<string[]> _names;

    public TagCommand() : base("tag", "Add names to an image") =>
        (_image, _names) = (AddArgument("IMAGE", ArgumentArity.ExactlyOne), AddArgument("NAME", ArgumentArity.OneOrMore));

    public override string Details =>
        "A name that another image has is moved. A name without a registry is on localhost, one without a tag has the tag latest.";

    public override Task<int> RunAsync(Invocation run)
    {
        foreach (var name in run.Get(_names))
            run.Engine.Images.Tag(run.Get(_image)[0], name);
        return Task.FromResult(0);
    }
}
