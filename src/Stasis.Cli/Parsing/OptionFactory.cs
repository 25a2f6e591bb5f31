using System.CommandLine;

namespace Stasis.Cli.Parsing;

/// <summary>Makes options. Every value has a parser of its own here, so that nothing is converted by reflection.</summary>
internal static class OptionFactory
{
    private static readonly HashSet<Option> OptionalValues = [];

    public static Option<bool> Flag(string name, string? shortName, string description) =>
        Create(name, shortName, "", description, ValueParsers.Bool);

    public static Option<string?> Text(string name, string? shortName, string value, string description) =>
        Create<string?>(name, shortName, value, description, text => text);

    /// <summary>May be given more than once.</summary>
    public static Option<string[]> Many(string name, string? shortName, string value, string description)
    {
        var option = Make<string[]>(name, shortName, value, description);
        option.Arity = ArgumentArity.ZeroOrMore;
        option.DefaultValueFactory = _ => [];
        option.CustomParser = result => [.. result.Tokens.Select(token => token.Value)];
        return option;
    }

    /// <summary>One word out of <paramref name="words"/>.</summary>
    public static Option<string?> OneOf(string name, string? shortName, string value, string description, string[] words)
    {
        var option = Create<string?>(name, shortName, value, $"{description} ({string.Join(", ", words)})", text =>
            words.Contains(text) ? text : throw new FormatException($"it must be one of {string.Join(", ", words)}"));
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary><paramref name="parse"/> throws a <see cref="FormatException"/> that says what a value must look like.</summary>
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

    /// <summary>A flag that may be given a value, tied to it with "=". Without one its value is empty.</summary>
    public static Option<string?> OptionalText(string name, string value, string description)
    {
        var option = Text(name, null, $"[={value}]", description);
        OptionalValues.Add(option);
        return option;
    }

    /// <summary>Other long names that mean the same.</summary>
    public static Option<T> Also<T>(this Option<T> option, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            option.Aliases.Add(name);
        return option;
    }

    /// <summary>Whether nothing follows it on a command line, but what is tied to it.</summary>
    public static bool IsFlag(Option option) => option.ValueType == typeof(bool) || OptionalValues.Contains(option);

    /// <summary>What such an option means without a value.</summary>
    public static string Bare(Option option) => option.ValueType == typeof(bool) ? "true" : "";

    private static Option<T> Make<T>(string name, string? shortName, string value, string description)
    {
        // Repeated, the last one counts, as everywhere in Podman.
        var option = new Option<T>(name) { Description = description, HelpName = value, Arity = new ArgumentArity(1, 100_000) };
        if (shortName is not null)
            option.Aliases.Add(shortName);
        return option;
    }
}
