using System.CommandLine;
using Stasis.Cli.Output.HelpText;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Parsing;

/// <summary>
/// Rewrites arguments into a form that the parser cannot misread: <c>-itd</c> becomes three options, a value is joined to its option
/// with "=", and "--" is inserted where the options of <c>run IMAGE sh -c '…' -x</c> end.
/// </summary>
internal static class ArgumentNormalizer
{
    /// <summary>Gives the rewritten arguments, and the command that they name.</summary>
    /// <exception cref="UsageException">A command or an option is unknown, or an option lacks its value.</exception>
    public static List<string> Normalize(Command root, IReadOnlyList<string> args, out Command command)
    {
        command = root;
        var tokens = new List<string>(args.Count + 1);
        // ArgumentNormalizer of a verb that has subcommands too. A subcommand is recognized only as the first of them.
        var own = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            var arg = args[i];
            if (arg == "--")
                return [.. tokens, "--", .. own, .. args.Skip(i + 1)];
            if (arg.StartsWith("--", StringComparison.Ordinal))
                Long(command, args, ref i, tokens);
            else if (arg.Length > 1 && arg[0] == '-')
                Short(command, args, ref i, tokens);
            else if (own.Count == 0 && command.Subcommands.FirstOrDefault(c => c.Name == arg || c.Aliases.Contains(arg)) is { } child)
            {
                command = child;
                tokens.Add(arg);
            }
            else if (command is Verb { OptionsEndAtFirstArgument: true })
                return [.. tokens, "--", .. args.Skip(i)];
            else if (command is not Verb)
                throw Suggestion.Unknown(Help.FullName(command), arg);
            else if (command.Subcommands.Count > 0)
                own.Add(arg);
            else
                tokens.Add(arg);
        }
        return own.Count > 0 ? [.. tokens, "--", .. own] : tokens;
    }

    private static void Long(Command command, IReadOnlyList<string> args, ref int i, List<string> tokens)
    {
        var name = args[i].Split('=', 2)[0];
        var option = Find(command, name) ?? throw new UsageException($"unknown flag: {name}");
        var value = args[i].Length > name.Length ? args[i][(name.Length + 1)..] : null;
        if (value is null)
            value = OptionFactory.IsFlag(option) ? OptionFactory.ImpliedValue(option) : Next(args, ref i, name);
        Add(option, value, tokens);
    }

    private static void Short(Command command, IReadOnlyList<string> args, ref int i, List<string> tokens)
    {
        var bundle = args[i];
        for (var at = 1; at < bundle.Length; at++)
        {
            var name = $"-{bundle[at]}";
            var option = Find(command, name)
                ?? (name == "-h" ? GlobalOptions.Help : throw new UsageException($"unknown shorthand flag: '{bundle[at]}' in {bundle}"));
            var rest = bundle[(at + 1)..];
            if (OptionFactory.IsFlag(option) && !rest.StartsWith('='))
            {
                Add(option, OptionFactory.ImpliedValue(option), tokens);
                continue;
            }
            var value = rest.Length == 0 ? Next(args, ref i, name) : rest[0] == '=' ? rest[1..] : rest;
            Add(option, value, tokens);
            return;
        }
    }

    private static string Next(IReadOnlyList<string> args, ref int i, string name) =>
        ++i < args.Count ? args[i] : throw new UsageException($"flag needs an argument: {name}");

    private static Option? Find(Command command, string name) =>
        command.Options.Concat(GlobalOptions.All).FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name));

    // The parser reads --name= as no value: an empty value needs a token of its own.
    private static void Add(Option option, string value, List<string> tokens)
    {
        if (value.Length > 0)
            tokens.Add($"{option.Name}={value}");
        else
            tokens.AddRange([option.Name, value]);
    }
}
