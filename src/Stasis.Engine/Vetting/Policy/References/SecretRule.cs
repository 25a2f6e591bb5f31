using System.Text.Json;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>Finds Podman's secrets, which an archive names and doesn't contain.</summary>
internal static class SecretRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "secret",
        Finds = "secrets, which are left out even if they are allowed",
        Allow = "`secret:NAME`",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        foreach (var (field, list) in (subject.Config.Unknown ?? new Dictionary<string, JsonElement>())
            .Where(field => field.Key is "secrets" or "secret_env" && !CanonicalJsonText.IsEmpty(field.Value)))
        {
            foreach (var name in Names(list))
                yield return FindingFactory.Refused(
                    Rule,
                    $"config.dump: {field}",
                    name,
                    "a secret of the host, which Stasis has none of: it is left out, even if it is allowed",
                    name);
        }
    }

    private static IEnumerable<string> Names(JsonElement list) => list.ValueKind switch
    {
        JsonValueKind.Array => list.EnumerateArray().Select(Name),
        JsonValueKind.Object => list.EnumerateObject().Select(secret => Name(secret.Value)),
        _ => [CanonicalJsonText.Text(list)],
    };

    private static string Name(JsonElement secret) => secret.ValueKind == JsonValueKind.Object
        && secret.TryGetProperty("name", out var name) ? CanonicalJsonText.Bare(name) : CanonicalJsonText.Text(secret);
}

internal static partial class ReferenceCheckList
{
    internal static readonly PolicyCheck Secret = Add(new(260, SecretRule.Check, SecretRule.Rule));
}
