using System.CommandLine;
using Stasis.Engine.Model;

namespace Stasis.Cli.Verbs;

/// <summary>A command that does something. Its definition is also the source of its help, its man page and its completion.</summary>
internal abstract class Verb : Command
{
    protected Verb(string name, string description) : base(name, description) { }

    /// <summary>What comes after the first argument isn't looked at: it belongs to a command in the container.</summary>
    public virtual bool OptionsEndAtFirstArgument => false;

    /// <summary>It looks at containers, images or volumes, or changes them: what a killed command left half-done is put right first.</summary>
    public virtual bool UsesState => true;

    /// <summary>It can't do anything without being root.</summary>
    public virtual bool NeedsRoot => UsesState;

    /// <summary>What the man page tells beyond the description, a paragraph a line.</summary>
    public virtual string Details => "";

    /// <summary>Exit codes of its own, besides 0 and 125: a sentence.</summary>
    public virtual string ExitCodes => "";

    /// <summary>Command lines worth copying, each with what it does.</summary>
    public virtual IReadOnlyList<(string Line, string What)> Examples => [];

    /// <summary>Whether the verb is for containers such as this one: those that <c>--all</c> means, and that completion offers.</summary>
    public virtual bool CanApplyTo(Container container) => true;

    public abstract Task<int> RunAsync(Invocation run);

    protected void AddOptions(params ReadOnlySpan<Option> options)
    {
        foreach (var option in options)
            Options.Add(option);
    }

    /// <summary>An argument; <paramref name="arity"/> says how often.</summary>
    protected Argument<string[]> AddArgument(string name, ArgumentArity arity)
    {
        var argument = new Argument<string[]>(name)
        {
            Arity = arity,
            CustomParser = result => [.. result.Tokens.Select(token => token.Value)],
            DefaultValueFactory = _ => [],
        };
        Arguments.Add(argument);
        return argument;
    }
}
