using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Host;

/// <summary>What the shells' completion asks: a word and what it is on each line, with a tab between; ":files" where file names may follow.</summary>
internal sealed class CompleteCommand : Verb
{
    private readonly Argument<string[]> _words;

    public CompleteCommand() : base("complete", "Complete a command line")
    {
        Hidden = true;
        _words = AddArgument("WORD", ArgumentArity.OneOrMore);
    }

    public override bool UsesState => false;

    public override bool OptionsEndAtFirstArgument => true;

    public override Task<int> RunAsync(Invocation run)
    {
        var completion = Completion.Complete(CommandTree.Build(), run.Get(_words), run.Engine);
        foreach (var (word, what) in completion.Words)
            StandardOutput.Line(what.Length > 0 ? $"{word}\t{what}" : word);
        if (completion.Files)
            StandardOutput.Line(":files");
        return Task.FromResult(0);
    }
}
