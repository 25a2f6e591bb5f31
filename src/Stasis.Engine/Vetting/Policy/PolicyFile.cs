using System.Globalization;
using System.Text.Json;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Vetting.Policy;

/// <summary>A site's import policy, as its file has it.</summary>
internal sealed record PolicyFile
{
    /// <summary>The file that is read unless another is named; it need not be there.</summary>
    public const string DefaultPath = "/etc/stasis/import-policy.json";

    private static readonly JsonDocumentOptions Form = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 8 };

    /// <summary>What is allowed to every archive: values as for <c>--allow</c>.</summary>
    public IReadOnlyList<string>? Allow { get; init; }

    /// <summary>Public keys whose signatures are trusted.</summary>
    public IReadOnlyList<string>? TrustedSigners { get; init; }

    /// <summary>Archives without a signature of one of <see cref="TrustedSigners"/> are refused.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>Reads the named file, or the default one, or none where that isn't there.</summary>
    /// <exception cref="StasisException">It can't be read, or isn't as such files are; the message names it.</exception>
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
                throw Bad(path, "trustedSigners has an entry without a key");
            _ = policy.AllowList(path);
            return policy;
        }
        catch (JsonException e)
        {
            throw Bad(path, $"it isn't JSON{Place(e)}: {e.Message.Split(" LineNumber:")[0].TrimEnd('.')}", e);
        }
        catch (InvalidOperationException e)
        {
            throw Bad(path, "it has a text that is no Unicode", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StasisException($"import policy {(path.Length > 0 ? path : "\"\"")}: {(Directory.Exists(path) ? "it is a folder, not a file" : path.Length > 0 ? FileFailure.Why(e) : "no file is named")}", e)
            {
                Remedy = "check the path",
            };
        }
    }

    internal AllowList AllowList(string from) => new(Allow ?? [], from);

    // A field that isn't known may be one that somebody relies on, and of two with one name only one would count.
    private static PolicyFile Read(JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Bad(path, $"it must be an object, {{ … }}, and is {(root.ValueKind == JsonValueKind.Null ? "null" : "something else")}");
        var (policy, seen) = (new PolicyFile(), new HashSet<string>());
        foreach (var field in root.EnumerateObject())
        {
            if (!seen.Add(field.Name))
                throw Bad(path, $"it has the field \"{field.Name}\" twice");
            policy = field.Name switch
            {
                "allow" => policy with { Allow = Texts(field, path) },
                "trustedSigners" => policy with { TrustedSigners = Texts(field, path) },
                "requireSignature" when field.Value.ValueKind is JsonValueKind.True or JsonValueKind.False => policy with { RequireSignature = field.Value.GetBoolean() },
                "requireSignature" => throw Bad(path, "requireSignature must be true or false"),
                _ => throw Bad(path, $"it has the field \"{field.Name}\", which there is none of"),
            };
        }
        return policy;
    }

    private static List<string> Texts(JsonProperty field, string path) =>
        field.Value.ValueKind == JsonValueKind.Array && field.Value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. field.Value.EnumerateArray().Select(item => item.GetString()!)]
            : throw Bad(path, $"{field.Name} must be a list of texts, [\"…\", \"…\"]");

    private static string Place(JsonException e) =>
        e is { LineNumber: { } line, BytePositionInLine: { } at } ? string.Create(CultureInfo.InvariantCulture, $" (line {line + 1}, column {at + 1})") : "";

    private static StasisException Bad(string path, string why, Exception? inner = null) => new($"import policy {path}: {why}", inner)
    {
        Remedy = "its fields are allow, trustedSigners and requireSignature; docs/import-policy.md describes them",
    };
}
