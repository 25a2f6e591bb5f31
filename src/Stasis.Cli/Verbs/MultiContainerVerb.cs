using System.CommandLine;
using Stasis.Cli.Parsing;

namespace Stasis.Cli.Verbs;

/// <summary>A verb on any number of containers: names, <c>--latest</c>, or <c>--all</c> where there is such an option.</summary>
internal abstract class MultiContainerVerb : Verb
{
    private readonly Argument<string[]> _names;
    private readonly Option<bool> _latest = OptionFactory.Flag("--latest", "-l", "The container that was created last");
    private readonly Option<bool>? _all;

    /// <param name="name">The verb.</param>
    /// <param name="description">What it does.</param>
    /// <param name="all">What <c>--all</c> does; null for a verb without it.</param>
    /// <param name="allShort">Its short name.</param>
    protected MultiContainerVerb(string name, string description, string? all = null, string? allShort = "-a") : base(name, description)
    {
        AddOptions(_latest);
        if (all is not null)
            AddOptions(_all = OptionFactory.Flag("--all", allShort, all));
        _names = AddArgument("CONTAINER", ArgumentArity.ZeroOrMore);
    }

    /// <summary>Names as they were typed (they are what is printed), or IDs where none were.</summary>
    protected IReadOnlyList<string> Selected(Invocation run)
    {
        // As Docker shows them, which Podman takes too.
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

    /// <summary>Whether there is a container named or meant.</summary>
    protected bool IsAnySelected(Invocation run) => run.Get(_names).Length > 0 || run.Get(_latest) || WantsAll(run);

    private bool WantsAll(Invocation run) => _all is not null && run.Get(_all);
}
