using Stasis.Cli.Output;

namespace Stasis.Cli.Verbs;

/// <summary>A verb that is done to one container after another: each that it was done to is printed as it was given.</summary>
internal abstract class PerContainerVerb(string name, string description, string? all = null, string? allShort = "-a") : MultiContainerVerb(name, description, all, allShort)
{
    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(Selected(run), async container =>
    {
        await ApplyAsync(run, container);
        StandardOutput.Line(container);
    }, ExitCode);

    protected abstract Task ApplyAsync(Invocation run, string container);

    /// <summary>The exit code of a failure, where it isn't the exception's own.</summary>
    protected virtual int? ExitCode(Exception exception) => null;
}
