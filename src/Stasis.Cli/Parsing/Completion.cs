using System.CommandLine;
using System.CommandLine.Completions;
using Stasis.Cli.Output.HelpText;
using Stasis.Cli.Verbs;
using Stasis.Engine;
using Stasis.Engine.Errors;
using Stasis.Linux;

namespace Stasis.Cli.Parsing;

/// <summary>The completions of a command line.</summary>
/// <param name="Words">Possible words, each with a description, which may be empty.</param>
/// <param name="Files">Whether a file name is possible too.</param>
internal sealed record Completion(IReadOnlyList<(string Word, string What)> Words, bool Files)
{
    private static readonly Completion Nothing = new([], false);
    private static readonly string[] FileNames = ["FILE", "DIR", "PATH"];

    /// <summary>
    /// Completes the last of <paramref name="words"/>, which may be empty. The words are those after the name of the program.
    /// </summary>
    public static Completion Complete(Command root, IReadOnlyList<string> words, StasisEngine engine)
    {
        var command = root;
        Option? pending = null;
        var arguments = new List<string>();
        var optionsOver = false;
        foreach (var word in words.Take(words.Count - 1))
        {
            if (pending is not null)
                pending = null;
            else if (!optionsOver && word == "--")
                optionsOver = true;
            else if (!optionsOver && word.StartsWith('-') && word.Length > 1)
                pending = word.Contains('=') ? null : Find(command, word) is { } option && !OptionFactory.IsFlag(option) ? option : null;
            else if (command.Subcommands.FirstOrDefault(child => child.Name == word) is { } child)
                command = child;
            else
            {
                arguments.Add(word);
                optionsOver |= command is Verb { OptionsEndAtFirstArgument: true };
            }
        }

        var typed = words[^1];
        if (pending is not null)
            return OptionValue(pending, engine).StartingWith(typed);
        if (!optionsOver && typed.StartsWith('-'))
            return new Completion(
                [.. Help.Options(command).Concat(GlobalOptions.All).Distinct().Select(option => (option.Name, option.Description ?? ""))],
                false).StartingWith(typed);
        var subcommands = arguments.Count == 0 ? Help.Subcommands(command).Select(child => (child.Name, child.Description ?? "")) : [];
        var values =
            command is Verb verb && At(verb, arguments.Count) is { } argument ? Argument(verb, argument, arguments, engine) : Nothing;
        return (values with { Words = [.. subcommands, .. values.Words] }).StartingWith(typed);
    }

    private static Completion OptionValue(Option option, StasisEngine engine) => option.HelpName switch
    {
        "NETWORK" => Networks(engine),
        "CHECKPOINT" => Checkpoints(engine),
        var name => Value(option, name ?? ""),
    };

    private static Option? Find(Command command, string word) =>
        command.Options.Concat(GlobalOptions.All)
            .FirstOrDefault(option => option.Name == word || option.Aliases.Contains(word) || IsLastOf(word, option));

    // The last option of a bundle such as -itd may take a value.
    private static bool IsLastOf(string bundle, Option option) => bundle[1] != '-' && option.Aliases.Contains($"-{bundle[^1]}");

    private static Argument? At(Verb verb, int index) =>
        index < verb.Arguments.Count
            ? verb.Arguments[index]
            : verb.Arguments.LastOrDefault() is { Arity.MaximumNumberOfValues: > 1 } last ? last : null;

    // The words that the definition lists, or else files, if the name of the value says so.
    private static Completion Value(Symbol symbol, string name)
    {
        var words = symbol.GetCompletions(CompletionContext.Empty).Select(item => (item.Label, "")).ToList();
        return new Completion(words, words.Count == 0 && FileNames.Any(file => name.Contains(file, StringComparison.Ordinal)));
    }

    private static Completion Argument(Verb verb, Argument argument, List<string> given, StasisEngine engine)
    {
        try
        {
            return argument.Name switch
            {
                "CONTAINER" => Names(
                    from container in engine.Containers.List()
                    where verb.CanApplyTo(container)
                    select (container.Name, container.Config.RootfsImageName ?? "")),
                "IMAGE" => Names(engine.Images.List().SelectMany(image => image.Names).Select(name => (name, ""))),
                "CHECKPOINT" => Checkpoints(engine),
                "NETWORK" => Names(engine.Networks.List().Select(network => (network.Name, network.Driver))),
                "VOLUME" => Names(engine.Volumes.List().Select(volume => (volume.Name, ""))),
                _ => Value(argument, argument.Name),
            };
        }
        catch (Exception exception) when (exception is StasisException or LinuxException or IOException or UnauthorizedAccessException)
        {
            return Nothing; // the shell shows no errors while a line is typed
        }

        Completion Names(IEnumerable<(string Word, string What)> names) => new([.. names.Where(name => !given.Contains(name.Word))], false);
    }

    private static Completion Checkpoints(StasisEngine engine)
    {
        try
        {
            var names =
                from checkpoint in engine.Checkpoints.List()
                from name in checkpoint.Tags.DefaultIfEmpty(checkpoint.Id[..12])
                select (name, checkpoint.ContainerName);
            return new Completion([.. names], false);
        }
        catch (Exception exception) when (exception is StasisException or IOException or UnauthorizedAccessException)
        {
            return Nothing; // as above
        }
    }

    private static Completion Networks(StasisEngine engine)
    {
        IEnumerable<(string, string)> modes = [("none", "no network"), ("host", "the host's"), ("bridge", "the default network")];
        try
        {
            return new Completion([.. modes, .. engine.Networks.List().Select(network => (network.Name, network.Driver))], false);
        }
        catch (Exception exception) when (exception is StasisException or IOException or UnauthorizedAccessException)
        {
            return new Completion([.. modes], false);
        }
    }

    private Completion StartingWith(string typed) =>
        this with { Words = [.. Words.Where(word => word.Word.StartsWith(typed, StringComparison.Ordinal))] };
}
