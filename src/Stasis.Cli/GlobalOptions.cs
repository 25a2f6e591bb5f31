using System.CommandLine;
using Stasis.Cli.Logging;
using Stasis.Cli.Parsing;
using Stasis.Engine.Storage;
using Stasis.Engine;

namespace Stasis.Cli;

/// <summary>Options of every command; they may stand before or after its name.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string?> Root = OptionFactory.Text(
        "--root",
        null,
        "DIR",
        "Directory for images, containers, volumes and checkpoints (default: $STASIS_ROOT, or /var/lib/stasis)");
    public static readonly Option<string?> RunRoot = OptionFactory.Text(
        "--runroot",
        null,
        "DIR",
        "Directory for state that does not survive a reboot (default: $STASIS_RUNROOT, or /run/stasis)");
    public static readonly Option<string?> Runtime =
        OptionFactory.Text("--runtime", null, "NAME|PATH", "OCI runtime of new containers (default: $STASIS_RUNTIME, or runc)");
    public static readonly Option<string?> LogLevel =
        OptionFactory.OneOf("--log-level", null, "LEVEL", "Log to standard error what has this level or a higher one", LogLevels.Words);
    public static readonly Option<string?> LogFormat =
        OptionFactory.OneOf("--log-format", null, "FORMAT", "How --log-level writes messages", ["text", "json"]);
    public static readonly Option<bool> Debug = OptionFactory.Flag("--debug", null, "Same as --log-level=debug");
    public static readonly Option<bool> Version = OptionFactory.Flag("--version", null, "Print the version");
    public static readonly Option<bool> Help = OptionFactory.Flag("--help", null, "Help for the command");

    public static readonly Option[] All = [Root, RunRoot, Runtime, LogLevel, LogFormat, Debug, Version, Help];

    public static EngineOptions ToEngineOptions(ParseResult parse)
    {
        var defaults = new EngineOptions();
        return defaults with
        {
            Root = Value(parse, Root, "STASIS_ROOT") ?? defaults.Root,
            RunRoot = Value(parse, RunRoot, "STASIS_RUNROOT") ?? defaults.RunRoot,
            Runtime = Value(parse, Runtime, "STASIS_RUNTIME") ?? defaults.Runtime,
            CommandPath = Environment.ProcessPath, // the command is this program
            LoggerFactory = LoggerFactory(parse),
            Warn = FailureReport.Warn,
            StoreLimits = ReadStoreLimits(defaults.StoreLimits!),
        };
    }

    private static StoreLimits? ReadStoreLimits(StoreLimits defaults)
    {
        var size = ReadLimit("STASIS_STORE_MAX_SIZE", text => ValueParsers.Size(text), defaults.MaxSize);
        var age = ReadLimit("STASIS_STORE_MAX_AGE", text => ValueParsers.Age(text), defaults.MaxAge);
        return (size, age) is (null, null) ? null : defaults with { MaxSize = size, MaxAge = age };
    }

    private static T? ReadLimit<T>(string variable, Func<string, T> parse, T? standard) where T : struct
    {
        try
        {
            return Environment.GetEnvironmentVariable(variable) switch
            {
                null or "" => standard,
                "none" => null,
                var text => parse(text),
            };
        }
        catch (FormatException e)
        {
            throw new UsageException($"{variable}: {e.Message}");
        }
    }

    // Nothing of it is made unless it is asked for.
    private static StandardErrorLoggerFactory? LoggerFactory(ParseResult parse) =>
        (parse.GetValue(LogLevel) ?? (parse.GetValue(Debug) ? "debug" : null)) is { } level
            ? new StandardErrorLoggerFactory(LogLevels.Parse(level), parse.GetValue(LogFormat) == "json") : null;

    private static string? Value(ParseResult parse, Option<string?> option, string variable)
    {
        if (parse.GetValue(option) is not { } given)
            return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
        return given.Length > 0 ? given : throw new UsageException($"{option.Name} is empty: give a value, or leave it out");
    }
}
