using System.Text.Json;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// What the host says of <c>stasis-runtime</c>: environment variables, which most engines don't pass on, then <see cref="File"/>, then
/// defaults.
/// </summary>
internal sealed record RuntimeSettings
{
    /// <summary>A JSON object of strings: "runtime", "root", "runRoot", "checkpoints". None has to be there.</summary>
    public const string File = "/etc/stasis/runtime.json";

    /// <summary>The runtime that does everything but restore: name or path.</summary>
    public string Runtime { get; private init; } = "runc";

    /// <summary>Stasis's root, with the store that checkpoints are read into.</summary>
    public string Root { get; private init; } = new EngineOptions().Root;

    /// <summary>Stasis's run root.</summary>
    public string RunRoot { get; private init; } = new EngineOptions().RunRoot;

    /// <summary>The folder of archives that an annotation may name; null for none.</summary>
    public string? Checkpoints { get; private init; }

    /// <summary>Reads them.</summary>
    /// <exception cref="IOException">The file isn't what it should be.</exception>
    public static RuntimeSettings Read() =>
        Parse(System.IO.File.Exists(File) ? System.IO.File.ReadAllBytes(File) : "{}"u8, Environment.GetEnvironmentVariable);

    /// <summary>Parses the file's content.</summary>
    /// <param name="content">JSON.</param>
    /// <param name="variable">The value of an environment variable; null if it isn't set.</param>
    internal static RuntimeSettings Parse(ReadOnlySpan<byte> content, Func<string, string?> variable)
    {
        try
        {
            var settings = Parse(content);
            return settings with
            {
                Runtime = Get("STASIS_RUNTIME") ?? settings.Runtime,
                Root = Get("STASIS_ROOT") ?? settings.Root,
                RunRoot = Get("STASIS_RUNROOT") ?? settings.RunRoot,
            };
        }
        catch (JsonException e)
        {
            throw new IOException($"{File}: {e.Message}", e);
        }

        string? Get(string name) => variable(name) is { Length: > 0 } value ? value : null;
    }

    // By hand: a serializer takes longer to set up than the file to read, and this is part of every call of the runtime.
    private static RuntimeSettings Parse(ReadOnlySpan<byte> content)
    {
        var settings = new RuntimeSettings();
        var options = new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        var reader = new Utf8JsonReader(content, options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("not a JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
                throw new JsonException($"\"{name}\" isn't a string");
            var value = reader.GetString()!;
            settings = name switch
            {
                "runtime" => settings with { Runtime = value },
                "root" => settings with { Root = value },
                "runRoot" => settings with { RunRoot = value },
                "checkpoints" => settings with { Checkpoints = value },
                _ => throw new JsonException($"there is no setting \"{name}\""),
            };
        }
        return settings;
    }
}
