using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Output.HelpText;

/// <summary>Prints what <c>--help</c> shows. The man pages are made of the same parts.</summary>
internal static class Help
{
    private const int WidestNames = 34;
    private const int Margins = 4; // two spaces before the name and two after it

    /// <summary>Prints the help of a command, as wide as the terminal; gives the exit code.</summary>
    public static int Write(Command command)
    {
        Write(command, StandardOutput.Writer, HelpWidth.Current);
        return 0;
    }

    internal static void Write(Command command, TextWriter writer, int width)
    {
        foreach (var line in Wrap(command.Description + (command is Verb ? "." : ""), width))
            writer.WriteLine(line);
        writer.WriteLine();
        writer.WriteLine($"Usage: {Usage(command)}");
        if (command is Verb { Details: { Length: > 0 } details })
        {
            writer.WriteLine();
            foreach (var line in Wrap(details, width))
                writer.WriteLine(line);
        }
        WriteSection(writer, "Commands", Subcommands(command).Select(child => (child.Name, child.Description ?? "")), width);
        if (command is Verb { Examples: { Count: > 0 } examples })
            writer.WriteLine($"\nExamples:\n{string.Join('\n', examples.Select(example => $"  {example.Line}"))}");
        WriteSection(writer, "Options", Options(command).Select(option => (Names(option), option.Description ?? "")), width);
        WriteSection(writer, "Exit codes", command is Verb verb ? verb.ExitCodes : [], width);
        if (command.Parents.Any())
            writer.WriteLine("\nOptions of every command: see 'stasis --help'");
    }

    /// <summary>The name of a command with the names of those above it, such as "stasis container checkpoint".</summary>
    public static string FullName(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{FullName(parent)} {command.Name}" : command.Name;

    /// <summary>The command line in short, such as "stasis rm [options] [CONTAINER...]".</summary>
    public static string Usage(Command command)
    {
        var parts = new List<string> { FullName(command) };
        if (command.Subcommands.Count > 0 && command is not Verb)
            parts.AddRange(["[options]", "COMMAND"]);
        else if (Options(command).Any())
            parts.Add("[options]");
        parts.AddRange(command.Arguments.Select(Usage));
        return string.Join(' ', parts);
    }

    private static string Usage(Argument argument) => argument.Arity switch
    {
        { MinimumNumberOfValues: 0, MaximumNumberOfValues: 1 } => $"[{argument.Name}]",
        { MinimumNumberOfValues: 0 } => $"[{argument.Name}...]",
        { MaximumNumberOfValues: 1 } => argument.Name,
        _ => $"{argument.Name}...",
    };

    /// <summary>The subcommands that are not hidden, by name.</summary>
    public static IEnumerable<Command> Subcommands(Command command) =>
        command.Subcommands.Where(child => !child.Hidden).OrderBy(child => child.Name, StringComparer.Ordinal);

    /// <summary>The command's own options that are not hidden, by name. Those of the root command are those of every command.</summary>
    public static IEnumerable<Option> Options(Command command) =>
        command.Options.Where(option => !option.Hidden).OrderBy(option => option.Name, StringComparer.Ordinal);

    /// <summary>The names of an option and of its value, such as "-e, --env KEY=VALUE".</summary>
    public static string Names(Option option)
    {
        var names =
            option.Aliases.Where(alias => alias.Length == 2).Append(option.Name).Concat(option.Aliases.Where(alias => alias.Length > 2));
        var text = string.Join(", ", names);
        var indent = text.StartsWith("--", StringComparison.Ordinal) ? "    " : ""; // as wide as a short name
        var value =
            option.HelpName is not { Length: > 0 } name ? "" : name.StartsWith('[') && OptionFactory.IsFlag(option) ? name : $" {name}";
        return indent + text + value;
    }

    /// <summary>
    /// Breaks text at spaces into lines of at most <paramref name="width"/> characters; a longer word has a line of its own.
    /// </summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        if (line.Length > 0)
            yield return line;
    }

    private static void WriteSection(TextWriter writer, string title, IEnumerable<(string Name, string Description)> rows, int width)
    {
        var all = rows.ToList();
        if (all.Count == 0)
            return;
        writer.WriteLine($"\n{title}:");
        var nameWidth = Math.Min(all.Max(row => row.Name.Length), Math.Min(WidestNames, (width / 2) - Margins));
        foreach (var (name, description) in all)
        {
            // A name that is too wide for its column has the description on the next line.
            var first = name;
            foreach (var line in Wrap(description, width - nameWidth - Margins).DefaultIfEmpty(""))
            {
                if (first.Length > nameWidth)
                {
                    writer.WriteLine($"  {first}");
                    first = "";
                }
                writer.WriteLine($"  {first.PadRight(nameWidth)}  {line}".TrimEnd());
                first = "";
            }
        }
    }
}
