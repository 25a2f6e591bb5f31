using System.Text.Json;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;
using Stasis.Engine.Vetting.Policy.References;

namespace Stasis.Engine.Vetting.Policy.Privileges;

/// <summary>Finds mappings of user and group IDs, and user namespaces. A plain container has none.</summary>
internal static class IdMappingRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "idmap",
        Finds = "ID mappings, user namespaces",
        Allow = "`idmap:uid=0:100000:65536`",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var mapped = false;
        foreach (var field in UnknownSpecFieldRule.IdMappings)
        {
            if (subject.Linux.Unknown?.TryGetValue(field, out var value) != true || CanonicalJsonText.IsEmpty(value))
                continue;
            mapped = true;
            foreach (var mapping in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value])
                yield return FindingFactory.Refused(
                    Rule,
                    $"spec.dump: linux.{field}",
                    Text(mapping),
                    "IDs in it are other IDs of the host",
                    $"{field[..3]}={Text(mapping)}");
        }
        if (!mapped && subject.Linux.Namespaces?.Any(space => space.Type == "user") == true)
            yield return FindingFactory.Refused(Rule, "spec.dump: linux.namespaces", "user", "a user namespace without mappings", "none");
        if (subject.Config.Unknown?.TryGetValue("idMappingsOptions", out var options) == true && options.ValueKind == JsonValueKind.Object
            && options.TryGetProperty("AutoUserNs", out var auto) && auto.ValueKind != JsonValueKind.False)
            yield return FindingFactory.Refused(
                Rule,
                "config.dump: idMappingsOptions.AutoUserNs",
                CanonicalJsonText.Text(auto),
                "IDs of the host are chosen for it",
                "auto");
    }

    // CONTAINER:HOST:SIZE, the form of --uidmap.
    private static string Text(JsonElement mapping) => mapping.ValueKind == JsonValueKind.Object && mapping.EnumerateObject().Count() == 3
        && mapping.TryGetProperty("containerID", out var inner)
            && mapping.TryGetProperty("hostID", out var outer) && mapping.TryGetProperty("size", out var size)
        ? $"{CanonicalJsonText.Bare(inner)}:{CanonicalJsonText.Bare(outer)}:{CanonicalJsonText.Bare(size)}"
            : CanonicalJsonText.Text(mapping);
}

internal static partial class PrivilegeCheckList
{
    internal static readonly PolicyCheck IdMapping = Add(new(180, IdMappingRule.Check, IdMappingRule.Rule));
}
