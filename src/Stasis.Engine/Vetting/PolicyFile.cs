using System.Globalization;
using System.Text.Json;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Vetting;

/// <summary>A site's import policy, as its file says it.</summary>
public sealed record PolicyFile
{
    /// <summary>The file that is read unless another one is named. There need not be such a file.</summary>
    public const string DefaultPath = "/etc/stasis/import-policy.json";

    private static readonly JsonDocumentOptions Form = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = 8,
    };

    /// <summary>What every archive may ask for: values as for <c>--allow</c>.</summary>
    public IReadOnlyList<string>? Allow { get; init; }

    /// <summary>
    /// Registries that images of archives may be fetched from if they aren't here: a domain, or a domain with a path
    /// (<c>docker.io/library</c>), and everything beneath. None if null.
    /// </summary>
    public IReadOnlyList<string>? Registries { get; init; }

    /// <summary>Public keys whose signatures are trusted.</summary>
    public IReadOnlyList<string>? TrustedSigners { get; init; }

    /// <summary>Whether archives without a signature of one of <see cref="TrustedSigners"/> are refused.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>Reads a policy file.</summary>
    /// <param name="path">The file, or null for the default one. Without a file at the default path, the policy is empty.</param>
    /// <exception cref="StasisException">The file can't be read or is malformed. The message names the file.</exception>
    public static PolicyFile Load(string? path)
    {
        if (path is null && !File.Exists(DefaultPath))
            return new PolicyFile();
        path ??= DefaultPath;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), Form);
            var policy = Read(document.RootElement, path);
            if (policy.TrustedSigners?.Any(string.IsNullOrWhiteSpace) == true)
                throw Malformed(path, "trustedSigners has an entry without a key");
            _ = policy.AllowList(path);
            return policy;
        }
        catch (JsonException e)
        {
            throw Malformed(path, $"it isn't JSON{Place(e)}: {e.Message.Split(" LineNumber:")[0].TrimEnd('.')}", e);
        }
        catch (InvalidOperationException e)
        {
            throw Malformed(path, "a string in it isn't valid Unicode", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StasisException(
                $"import policy {(path.Length > 0 ? path : "\"\"")}: {WhyUnreadable(path, e)}", e)
            { Remedy = "check the path" };
        }
    }

    internal AllowList AllowList(string source) =>
        new([.. Allow ?? [], .. (Registries ?? []).SelectMany(place => (string[])[$"registry:{place}", $"registry:{place}/*"])], source);

    // An unknown field may be one that somebody relies on, and of two fields with one name only one would count: both are errors.
    private static PolicyFile Read(JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Malformed(
                path, $"it must be an object, {{ … }}, and is {(root.ValueKind == JsonValueKind.Null ? "null" : "something else")}");
        var (policy, seen) = (new PolicyFile(), new HashSet<string>());
        foreach (var field in root.EnumerateObject())
        {
            if (!seen.Add(field.Name))
                throw Malformed(path, $"it has the field \"{field.Name}\" twice");
            policy = field.Name switch
            {
                "allow" => policy with { Allow = ReadStrings(field, path) },
                "registries" => policy with { Registries = ReadRegistries(field, path) },
                "trustedSigners" => policy with { TrustedSigners = ReadStrings(field, path) },
                "requireSignature" when field.Value.ValueKind is JsonValueKind.True or JsonValueKind.False =>
                    policy with { RequireSignature = field.Value.GetBoolean() },
                "requireSignature" => throw Malformed(path, "requireSignature must be true or false"),
                _ => throw Malformed(path, $"unknown field \"{field.Name}\""),
            };
        }
        return policy;
    }

    private static List<string> ReadStrings(JsonProperty field, string path) =>
        field.Value.ValueKind == JsonValueKind.Array && field.Value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. field.Value.EnumerateArray().Select(item => item.GetString()!)]
            : throw Malformed(path, $"{field.Name} must be a list of strings, [\"…\", \"…\"]");

    private static List<string> ReadRegistries(JsonProperty field, string path)
    {
        var places = ReadStrings(field, path);
        return places.Find(place => place.Length == 0 || place.EndsWith('/') || place.Any(c => c is '*' or '@' || char.IsWhiteSpace(c))
            || place.Contains("//", StringComparison.Ordinal)) is { } wrong
            ? throw Malformed(path, $"registries has \"{wrong}\", which isn't REGISTRY or REGISTRY/PATH, such as docker.io/library")
            : places;
    }

    private static string Place(JsonException e) => e is { LineNumber: { } line, BytePositionInLine: { } at }
        ? string.Create(CultureInfo.InvariantCulture, $" (line {line + 1}, column {at + 1})")
        : "";

    private static string WhyUnreadable(string path, Exception e) =>
        Directory.Exists(path) ? "it is a folder, not a file" : path.Length > 0 ? FileErrorText.Why(e) : "no file is named";

    private static StasisException Malformed(string path, string why, Exception? inner = null) => new($"import policy {path}: {why}", inner)
    {
        Remedy = "its fields are allow, registries, trustedSigners and requireSignature; docs/import-policy.md describes them",
    };
}
