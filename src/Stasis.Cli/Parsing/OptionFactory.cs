using System.CommandLine;

namespace Stasis.Cli.Parsing;

/// <summary>Makes options. All have a parser, as the library would convert values by reflection.</summary>
internal static class OptionFactory
{
    private static readonly HashSet<Option> OptionalValues = [];

    public static Option<bool> Flag(string name, string? shortName, string description) =>
        Create(name, shortName, "", description, ValueParsers.Bool);

    public static Option<string?> Text(string name, string? shortName, string value, string description) =>
        Create<string?>(name, shortName, value, description, text => text);

    /// <summary>Makes an option that may be repeated.</summary>
    public static Option<string[]> Many(string name, string? shortName, string value, string description)
    {
        var option = Make<string[]>(name, shortName, value, description);
        option.Arity = ArgumentArity.ZeroOrMore;
        option.DefaultValueFactory = _ => [];
        option.CustomParser = result => [.. result.Tokens.Select(token => token.Value)];
        return option;
    }

    /// <summary>Makes an option whose value is one of <paramref name="words"/>.</summary>
    public static Option<string?> OneOf(string name, string? shortName, string value, string description, string[] words)
    {
        var option = Create<string?>(name, shortName, value, $"{description} ({string.Join(", ", words)})", text =>
            words.Contains(text) ? text : throw new FormatException($"it must be one of {string.Join(", ", words)}"));
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>
    /// Makes an option with a parser, which throws a <see cref="FormatException"/> that tells what a value must look like.
    /// </summary>
    public static Option<T> Create<T>(string name, string? shortName, string value, string description, Func<string, T> parse)
    {
        var option = Make<T>(name, shortName, value, description);
        option.CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            try
            {
                return parse(text);
            }
            catch (FormatException exception)
            {
                result.AddError($"invalid value \"{text}\" for {name}: {exception.Message}");
                return default!;
            }
        };
        return option;
    }

    /// <summary>Makes a flag that may have a value, joined to it with "=". Without a value, it is empty.</summary>
    public static Option<string?> OptionalText(string name, string value, string description)
    {
        var option = Text(name, null, $"[={value}]", description);
        OptionalValues.Add(option);
        return option;
    }

    /// <summary>Adds further long names.</summary>
    public static Option<T> WithAliases<T>(this Option<T> option, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            option.Aliases.Add(name);
        return option;
    }

    /// <summary>Whether the option takes no argument of its own: its value, if any, is joined to it with "=".</summary>
    public static bool IsFlag(Option option) => option.ValueType == typeof(bool) || OptionalValues.Contains(option);

    /// <summary>The value of a flag that is given without one.</summary>
    public static string ImpliedValue(Option option) => option.ValueType == typeof(bool) ? "true" : "";

    private static Option<T> Make<T>(string name, string? shortName, string value, string description)
    {
        // If the option is repeated, the last value counts, as in Podman.
        var option = new Option<T>(name) { Description = description, HelpName = value, Arity = new ArgumentArity(1, 100_000) };
        if (shortName is not null)
            option.Aliases.Add(shortName);
        return option;
    }
}
