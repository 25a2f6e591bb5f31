using System.CommandLine;
using Stasis.Cli.Parsing;

namespace Stasis.Cli.Verbs;

/// <summary>A verb on any number of containers, selected by name, <c>--latest</c> or, if the verb has it, <c>--all</c>.</summary>
internal abstract class MultiContainerVerb : Verb
{
    private readonly Argument<string[]> _names;
    private readonly Option<bool> _latest = OptionFactory.Flag("--latest", "-l", "Act on the latest container Stasis created");
    private readonly Option<bool>? _all;

    /// <param name="name">The verb.</param>
    /// <param name="description">What it does.</param>
    /// <param name="all">Description of <c>--all</c>; null for a verb without that option.</param>
    /// <param name="allShort">Short name of <c>--all</c>, if any.</param>
    protected MultiContainerVerb(string name, string description, string? all = null, string? allShort = "-a") : base(name, description)
    {
        AddOptions(_latest);
        if (all is not null)
            AddOptions(_all = OptionFactory.Flag("--all", allShort, all));
        _names = AddArgument("CONTAINER", ArgumentArity.ZeroOrMore);
    }

    public override string? HandlesEach => "containers";

    /// <summary>
    /// The selected containers: names as they were typed, because those are printed; IDs with <c>--all</c> and <c>--latest</c>.
    /// </summary>
    /// <exception cref="UsageException">No container is selected, or in two ways at once.</exception>
    protected IReadOnlyList<string> Selected(Invocation run)
    {
        // Docker shows names with a slash in front, and Podman accepts that.
        string[] names = [.. run.Get(_names).Select(name => name.LastIndexOf('/') == 0 ? name[1..] : name)];
        var (all, latest) = (WantsAll(run), run.Get(_latest));
        if (all && latest)
            throw new UsageException("--all and --latest cannot be used together");
        if ((all || latest) && names.Length > 0)
            throw new UsageException($"--{(all ? "all" : "latest")} and containers cannot be used together");
        if (latest)
            return [run.Engine.Containers.Latest().Id];
        if (all)
            return [.. run.Engine.Containers.List().Where(CanApplyTo).Select(container => container.Id)];
        return names.Length > 0 ? names : throw new UsageException("you must provide at least one name or id");
    }

    /// <summary>The containers that are named, where they are another engine's.</summary>
    /// <exception cref="UsageException">None is, or they are selected otherwise.</exception>
    protected IReadOnlyList<string> Named(Invocation run)
    {
        if (run.Get(_latest) || WantsAll(run))
            throw new UsageException("--all and --latest select containers of Stasis alone");
        return run.Get(_names) is { Length: > 0 } names ? names : throw new UsageException("you must provide at least one name or id");
    }

    /// <summary>Whether the command line selects containers.</summary>
    protected bool IsAnySelected(Invocation run) => run.Get(_names).Length > 0 || run.Get(_latest) || WantsAll(run);

    private bool WantsAll(Invocation run) => _all is not null && run.Get(_all);
}
