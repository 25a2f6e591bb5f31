using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class TopCommand : Verb
{
    private readonly Option<bool> _latest = OptionFactory.Flag("--latest", "-l", "Act on the latest container Stasis created");
    private readonly Argument<string[]> _container;
    private readonly Argument<string[]> _format;

    public TopCommand() : base("top", "Display the running processes of a container")
    {
        AddOptions(_latest);
        _container = AddArgument("CONTAINER", ArgumentArity.ZeroOrOne);
        _format = AddArgument("FORMAT", ArgumentArity.ZeroOrMore);
    }

    public override bool OptionsEndAtFirstArgument => true;

    public override string Details => "FORMAT is one or more column names of ps(1), such as pid or args.";

    public override bool CanApplyTo(Container container) => container.State.IsAlive;

    public override async Task<int> RunAsync(Invocation run)
    {
        string[] words = [.. run.Get(_container), .. run.Get(_format)]; // with --latest, all arguments are the format
        if (words.Length == 0 && !run.Get(_latest))
            throw new UsageException("you must provide the name or id of a running container");
        var (container, format) = run.Get(_latest) ? (run.Engine.Containers.Latest().Id, words) : (words[0], words[1..]);
        var descriptors = format.SelectMany(word => word.Split(',')).ToArray();
        foreach (var line in await run.Engine.Containers.TopAsync(container, descriptors, run.Cancellation))
            StandardOutput.Line(line);
        return 0;
    }
}
