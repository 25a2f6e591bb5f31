using System.CommandLine;
using Stasis.Cli.Output.HelpText;
using Stasis.Engine.Model;

namespace Stasis.Cli.Verbs;

/// <summary>
/// A command that does something, unlike a group of commands. Its help, man page and completion are made from its definition.
/// </summary>
internal abstract class Verb : Command
{
    protected Verb(string name, string description) : base(name, description) { }

    /// <summary>Whether arguments after the first one are not options of this verb: they belong to a command in the container.</summary>
    public virtual bool OptionsEndAtFirstArgument => false;

    /// <summary>
    /// Whether the verb reads or changes containers, images or volumes. Then what a killed command left unfinished is recovered first.
    /// </summary>
    public virtual bool UsesState => true;

    /// <summary>Whether only root can use the verb.</summary>
    public virtual bool NeedsRoot => UsesState;

    /// <summary>What help tells beyond the description: sentences.</summary>
    public virtual string Details => "";

    /// <summary>
    /// Exit codes of this verb beyond those of every verb, each with its meaning: a sentence. <see cref="ExitStatus.Other"/> stands for
    /// the codes of another program.
    /// </summary>
    public virtual IReadOnlyList<(string Code, string Meaning)> ExitCodes => [];

    /// <summary>
    /// What the verb handles one after another, going on after a failure, in the plural: "containers". Null for a verb that handles one
    /// thing, or that stops at a failure.
    /// </summary>
    public virtual string? HandlesEach => null;

    /// <summary>Command lines worth copying, each with a sentence on what it does.</summary>
    public virtual IReadOnlyList<(string Line, string What)> Examples => [];

    /// <summary>
    /// Whether the verb can be applied to a container in this state. <c>--all</c> selects such containers, and completion offers them.
    /// </summary>
    public virtual bool CanApplyTo(Container container) => true;

    /// <summary>Does what the command line says; gives the exit code.</summary>
    public abstract Task<int> RunAsync(Invocation run);

    protected void AddOptions(params ReadOnlySpan<Option> options)
    {
        foreach (var option in options)
            Options.Add(option);
    }

    /// <summary>Adds an argument, which may be given as often as <paramref name="arity"/> says.</summary>
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
