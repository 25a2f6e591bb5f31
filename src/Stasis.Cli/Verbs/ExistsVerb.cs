using System.CommandLine;
using Stasis.Engine;

namespace Stasis.Cli.Verbs;

/// <summary>A verb that tells by its exit code alone whether something exists.</summary>
internal abstract class ExistsVerb : Verb
{
    private readonly Argument<string[]> _name;

    protected ExistsVerb(string kind) : base("exists", $"Check if a {kind} exists") =>
        _name = AddArgument(kind.ToUpperInvariant(), ArgumentArity.ExactlyOne);

    public override string Details => "Prints nothing: the exit code is the answer.";

    public override IReadOnlyList<(string, string)> ExitCodes => [("0", "It exists."), ("1", "It does not exist.")];

    public override Task<int> RunAsync(Invocation run) => Task.FromResult(Exists(run.Engine, run.Get(_name)[0]) ? 0 : 1);

    protected abstract bool Exists(StasisEngine engine, string name);
}
