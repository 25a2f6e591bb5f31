using System.CommandLine;
using Stasis.Cli.Output.HelpText;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Host;

internal sealed class HelpCommand : Verb
{
    private readonly Argument<string[]> _words;

    public HelpCommand() : base("help", "Help about any command") => _words = AddArgument("COMMAND", ArgumentArity.ZeroOrMore);

    public override bool UsesState => false;

    public override bool OptionsEndAtFirstArgument => true;

    public override IReadOnlyList<(string, string)> Examples =>
        [("stasis help container restore", "The same as stasis container restore --help.")];

    public override Task<int> RunAsync(Invocation run)
    {
        Command command = CommandTree.Build();
        foreach (var word in run.Get(_words))
            command =
                command.Subcommands.FirstOrDefault(child => child.Name == word) ?? throw Suggestion.Unknown(Help.FullName(command), word);
        return Task.FromResult(Help.Write(command));
    }
}
