using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Output.HelpText;

/// <summary>What <c>--help</c> shows. The man pages are made of the same parts.</summary>
internal static class Help
{
    public static int Write(Command command)
    {
        var writer = StandardOutput.Writer;
        writer.WriteLine(command.Description + (command is Verb ? "." : ""));
        writer.WriteLine();
        writer.WriteLine($"Usage: {Usage(command)}");
        if (command is Verb verb && $"{verb.Details} {verb.ExitCodes}".Trim() is { Length: > 0 } details)
        {
            writer.WriteLine();
            foreach (var line in Wrap(details, 80))
                writer.WriteLine(line);
        }
        WriteSection(writer, "Commands", Subcommands(command).Select(child => (child.Name, child.Description ?? "")));
        if (command is Verb { Examples: { Count: > 0 } examples })
            writer.WriteLine($"\nExamples:\n{string.Join('\n', examples.Select(example => $"  {example.Line}"))}");
        WriteSection(writer, "Options", Options(command).Select(option => (Names(option), option.Description ?? "")));
        if (command.Parents.Any())
            writer.WriteLine("\nOptions of every command: see 'stasis --help'");
        return 0;
    }

    /// <summary>The command with those above it: "stasis container checkpoint".</summary>
    public static string FullName(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{FullName(parent)} {command.Name}" : command.Name;

    public static string Usage(Command command)
    {
        var parts = new List<string> { FullName(command) };
        if (command.Subcommands.Count > 0 && command is not Verb)
            parts.AddRange(["[options]", "COMMAND"]);
        else if (Options(command).Any())
            parts.Add("[options]");
        parts.AddRange(command.Arguments.Select(argument => (argument.Arity.MinimumNumberOfValues, argument.Arity.MaximumNumberOfValues) switch
        {
            (0, 1) => $"[{argument.Name}]",
            (0, _) => $"[{argument.Name}...]",
            (_, 1) => argument.Name,
            _ => $"{argument.Name}...",
        }));
        return string.Join(' ', parts);
    }

    public static IEnumerable<Command> Subcommands(Command command) =>
        command.Subcommands.Where(child => !child.Hidden).OrderBy(child => child.Name, StringComparer.Ordinal);

    /// <summary>Its own options, by name; the root's are those of every command.</summary>
    public static IEnumerable<Option> Options(Command command) =>
        command.Options.Where(option => !option.Hidden).OrderBy(option => option.Name, StringComparer.Ordinal);

    /// <summary>"-e, --env KEY=VALUE".</summary>
    public static string Names(Option option)
    {
        var names = option.Aliases.Where(alias => alias.Length == 2).Append(option.Name).Concat(option.Aliases.Where(alias => alias.Length > 2));
        var text = string.Join(", ", names);
        return (text.StartsWith("--", StringComparison.Ordinal) ? "    " : "") + text + (option.HelpName is { Length: > 0 } value ? value.StartsWith('[') && OptionFactory.IsFlag(option) ? value : $" {value}" : "");
    }

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

    private static void WriteSection(TextWriter writer, string title, IEnumerable<(string Name, string Description)> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
            return;
        writer.WriteLine($"\n{title}:");
        var width = Math.Min(all.Max(row => row.Name.Length), 34);
        foreach (var (name, description) in all)
        {
            // A name that is too wide for its column has the description on the next line.
            var first = name;
            foreach (var line in Wrap(description, 80 - width - 4).DefaultIfEmpty(""))
            {
                if (first.Length > width)
                {
                    writer.WriteLine($"  {first}");
                    first = "";
                }
                writer.WriteLine($"  {first.PadRight(width)}  {line}".TrimEnd());
                first = "";
            }
        }
    }
}
