using System.CommandLine;
using Stasis.Engine;

namespace Stasis.Cli.Verbs;

/// <summary>For scripts: no output, but an exit code.</summary>
internal abstract class ExistsVerb : Verb
{
    private readonly Argument<string[]> _name;

    protected ExistsVerb(string kind) : base("exists", $"Tell by the exit code whether there is such {kind}: 0 or 1") =>
        _name = AddArgument(kind.Split(' ')[^1].ToUpperInvariant(), ArgumentArity.ExactlyOne);

    public override Task<int> RunAsync(Invocation run) => Task.FromResult(Exists(run.Engine, run.Get(_name)[0]) ? 0 : 1);

    protected abstract bool Exists(StasisEngine engine, string name);
}
