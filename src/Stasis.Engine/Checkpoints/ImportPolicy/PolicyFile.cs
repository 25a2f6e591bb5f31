using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stasis.Engine.Checkpoints.ImportPolicy;

/// <summary>A site's import policy, as its file has it.</summary>
public sealed record PolicyFile
{
    /// <summary>The file that is read unless another is named; it need not be there.</summary>
    public const string DefaultPath = "/etc/stasis/import-policy.json";

    /// <summary>What is allowed to every archive: values as for <c>--allow</c>.</summary>
    [JsonPropertyName("allow")] public IReadOnlyList<string>? Allow { get; init; }

    /// <summary>Public keys whose signatures are trusted.</summary>
    [JsonPropertyName("trustedSigners")] public IReadOnlyList<string>? TrustedSigners { get; init; }

    /// <summary>Archives without a signature of one of <see cref="TrustedSigners"/> are refused.</summary>
    [JsonPropertyName("requireSignature")] public bool RequireSignature { get; init; }

    /// <summary>Reads the named file, or the default one, or none where that isn't there.</summary>
    /// <exception cref="StasisException">It can't be read, or isn't as such files are; the message names it.</exception>
    public static PolicyFile Load(string? path)
    {
        if (path is null && !File.Exists(DefaultPath))
            return new PolicyFile();
        path ??= DefaultPath;
        try
        {
            var policy = JsonSerializer.Deserialize(File.ReadAllBytes(path), PolicyJson.Default.PolicyFile) ?? throw Bad(path, "it holds null");
            if (policy.TrustedSigners?.Any(string.IsNullOrWhiteSpace) == true)
                throw Bad(path, "trustedSigners has an entry without a key");
            _ = policy.AllowList(path);
            return policy;
        }
        catch (JsonException e)
        {
            throw Bad(path, e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Bad(path, FileFailure.Why(e), e);
        }
    }

    internal AllowList AllowList(string from) => new(Allow ?? [], from);

    private static StasisException Bad(string path, string why, Exception? inner = null) => new($"import policy {path}: {why}", inner)
    {
        Remedy = "its fields are allow, trustedSigners and requireSignature; docs/import-policy.md describes them",
    };
}

/// <summary>JSON of the policy file: a field that isn't known may be one that somebody relies on.</summary>
[JsonSourceGenerationOptions(UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 8)]
[JsonSerializable(typeof(PolicyFile))]
internal sealed partial class PolicyJson : JsonSerializerContext;
