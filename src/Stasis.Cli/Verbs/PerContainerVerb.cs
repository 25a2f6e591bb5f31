using Stasis.Cli.Output;

namespace Stasis.Cli.Verbs;

/// <summary>A verb that does the same with one container after another, and prints each name after success.</summary>
internal abstract class PerContainerVerb(
    string name,
    string description,
    string? all = null,
    string? allShort = "-a") : MultiContainerVerb(name, description, all, allShort)
{
    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(Selected(run), async container =>
    {
        await ApplyAsync(run, container);
        StandardOutput.Line(container);
    }, ExitCode);

    /// <summary>Does what the verb says with one container.</summary>
    protected abstract Task ApplyAsync(Invocation run, string container);

    /// <summary>The exit code of a failure; null for that of the exception.</summary>
    protected virtual int? ExitCode(Exception exception) => null;
}
