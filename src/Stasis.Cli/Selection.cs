using System.CommandLine;
using Stasis.Engine.Containers;

namespace Stasis.Cli;

/// <summary>Which containers a command is about: names, <c>--latest</c>, or <c>--all</c> where there is such an option.</summary>
internal sealed class Selection(Argument<string[]> names, Option<bool> latest, Option<bool>? all)
{
    public bool IsAny(Invocation run) => run.Get(names).Length > 0 || run.Get(latest) || (all is not null && run.Get(all));

    /// <summary>Names as they were typed (they are what is printed), or IDs where none were. <paramref name="among"/> narrows down <c>--all</c>.</summary>
    public IReadOnlyList<string> Resolve(Invocation run, Func<Container, bool>? among = null)
    {
        var given = run.Get(names);
        var wantsAll = all is not null && run.Get(all);
        var wantsLatest = run.Get(latest);
        if (wantsAll && wantsLatest)
            throw new UsageException("--all and --latest cannot be used together");
        if ((wantsAll || wantsLatest) && given.Length > 0)
            throw new UsageException($"--{(wantsAll ? "all" : "latest")} and containers cannot be used together");
        if (wantsLatest)
            return [run.Engine.Containers.Latest().Id];
        if (wantsAll)
            return [.. run.Engine.Containers.List().Where(container => among is null || among(container)).Select(container => container.Id)];
        return given.Length > 0 ? given : throw new UsageException("you must provide at least one name or id");
    }
}
