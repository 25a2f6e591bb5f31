using System.CommandLine;
using Stasis.Cli.Output;

namespace Stasis.Cli;

/// <summary>A verb on any number of containers, one after another: each that it was done to is printed as it was given.</summary>
internal abstract class ContainersVerb : Verb
{
    private readonly Selection _selection;

    protected ContainersVerb(string name, string description, string? all = null, string? allShort = "-a") : base(name, description)
    {
        var allOption = all is null ? null : Opt.Flag("--all", allShort, all);
        var latest = Opt.Flag("--latest", "-l", "The container that was created last");
        if (allOption is not null)
            Take(allOption);
        Take(latest);
        _selection = new Selection(Takes("CONTAINER", ArgumentArity.ZeroOrMore), latest, allOption);
    }

    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(Selected(run), async container =>
    {
        await DoAsync(run, container);
        StandardOutput.Line(container);
    }, ExitCode);

    protected virtual Task DoAsync(Invocation run, string container) => Task.CompletedTask;

    /// <summary>The exit code of a failure, where it isn't the exception's own.</summary>
    protected virtual int? ExitCode(Exception exception) => null;

    protected bool IsAnySelected(Invocation run) => _selection.IsAny(run);

    protected IReadOnlyList<string> Selected(Invocation run) => _selection.Resolve(run, Suits);
}
