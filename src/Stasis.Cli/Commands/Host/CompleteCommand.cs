using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Host;

/// <summary>
/// Completes words for the completion scripts of shells: prints a word, a tab and a description on each line; ":files" if a file name may
/// follow.
/// </summary>
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
