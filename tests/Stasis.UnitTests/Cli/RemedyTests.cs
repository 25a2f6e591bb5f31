using System.Text.RegularExpressions;
using Stasis.Cli;
using Stasis.Cli.Output;
using Stasis.Cli.Output.HelpText;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Cli;

/// <summary>Command lines that messages and examples name can be pasted: the parser takes them.</summary>
public partial class RemedyTests
{
    // With these words the sentence around a command goes on. Any other word after a command must be an argument that the command takes.
    private static readonly HashSet<string> Prose =
    [
        "and", "began", "doesn't", "has", "is", "list", "lists", "loads", "makes", "or", "removes", "runs", "shows", "signs", "that",
        "then", "was", "what", "while", "with", "writes",
    ];

    // Prose about commands. Their examples are looked at by another test.
    private static readonly List<string> HelpTexts =
    [
        .. from verb in All(CommandTree.Build()).OfType<Verb>()
           from text in verb.Examples.Select(example => $"{example.Line}\n{example.What}").Append(verb.Details)
           select text,
    ];

    public static TheoryData<string, string> Remedies =>
    [
        .. from folder in (string[])["src/Stasis.Engine", "src/Stasis.Cli/Commands"]
           from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
           where !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)
           from text in SourceStrings.Read(File.ReadAllText(file))
           where !HelpTexts.Any(help => help.Contains(text, StringComparison.Ordinal))
           from command in Commands(text)
           where command != text.Trim() // a command line in JSON, or the version, not words to a person
           where !command.StartsWith("stasis command", StringComparison.Ordinal) // the program itself
           select (Path.GetFileName(file), command),
    ];

    public static TheoryData<string> Examples =>
    [
        .. from verb in All(CommandTree.Build()).OfType<Verb>()
           from example in verb.Examples
           from command in CommandPattern().Matches(example.Line).Select(match => match.Value.Trim())
           select command,
    ];

    public static TheoryData<RemedyCallKind> Calls => [.. Enum.GetValues<RemedyCallKind>()];

    public static TheoryData<RemedyOptionKind> Options => [.. Enum.GetValues<RemedyOptionKind>()];

    [Fact]
    public void Remedies_are_found() => Assert.InRange(Remedies.Count, 10, 300);

    [Theory]
    [MemberData(nameof(Calls))]
    public void Suggested_call_is_accepted_by_the_parser(RemedyCallKind call) =>
        Assert.Equal("", Problem(RemedyText.Word(new RemedyCall(call))));

    [Theory]
    [MemberData(nameof(Options))]
    public void Suggested_option_exists(RemedyOptionKind option) =>
        Assert.Contains(
            RemedyText.Word(new RemedyOption(option)),
            All(CommandTree.Build()).SelectMany(command => command.Options).Select(known => known.Name));

    [Theory]
    [MemberData(nameof(Remedies))]
    public void Remedy_is_accepted_by_the_parser(string file, string command) => Assert.Equal((file, ""), (file, Problem(command)));

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_is_accepted_by_the_parser(string command) => Assert.Equal("", Problem(command));

    [Theory]
    [InlineData("stasis image load FILE", "unexpected argument FILE")]
    [InlineData("stasis network create --subnet", "flag needs an argument: --subnet")]
    [InlineData("stasis checkpoint --export FILE", "no container")]
    [InlineData("stasis nope", "unknown command")]
    public void Wrong_command_is_refused(string command, string problem) =>
        Assert.StartsWith(problem, Problem(command), StringComparison.Ordinal);

    private static IEnumerable<string> Commands(string text) =>
        from match in CommandPattern().Matches(text)
        let words = match.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).TakeWhile(word => !Prose.Contains(word)).ToList()
        where words.Count > 1
        select string.Join(' ', words);

    private static string Problem(string command)
    {
        string[] args = [.. WordPattern().Matches(command).Skip(1).Select(word => word.Value.Replace("'", "", StringComparison.Ordinal))];
        var root = CommandTree.Build(args);
        try
        {
            var tokens = ArgumentNormalizer.Normalize(root, args, out var named);
            var parse = root.Parse([root.Name, .. tokens], CommandLineRunner.Configuration);
            if (parse.GetValue(GlobalOptions.Help))
                return "";
            if (named is not Verb verb)
                return $"{Help.FullName(named)} is no command";
            if (parse.Errors.Count > 0)
                return CommandLineRunner.Explain(verb, parse);
            string[] selecting = ["--all", "--latest", "--import", "--checkpoint"];
            var isSelected = verb.Arguments.Any(argument => parse.GetResult(argument)?.Tokens.Count > 0)
                || verb.Options.Any(option => selecting.Contains(option.Name) && parse.GetResult(option) is { Implicit: false });
            return verb is MultiContainerVerb && !isSelected ? "no container" : "";
        }
        catch (UsageException exception)
        {
            return exception.Message;
        }
    }

    private static IEnumerable<System.CommandLine.Command> All(System.CommandLine.Command command) =>
        command.Subcommands.SelectMany(All).Prepend(command);

    // Up to where a sentence, a pipe or a parenthesis ends it.
    [GeneratedRegex(@"\bstasis(?: +(?:'[^']*'|[^\s;,|&`""()<>:]+(?:[:,][^\s;,|&`""()<>:]+)*))+")]
    private static partial Regex CommandPattern();

    [GeneratedRegex(@"(?:'[^']*'|[^\s'])+")]
    private static partial Regex WordPattern();
}
