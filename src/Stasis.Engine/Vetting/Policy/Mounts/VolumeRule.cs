using System.Text.Json;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.Mounts;

/// <summary>
/// Finds volumes that are more than a name and content: overlays of host folders, other images, options that
/// lead elsewhere.
/// </summary>
internal static class VolumeRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "volume",
        Finds = "overlay and image volumes, which are left out even if they are allowed; options of volumes that lead "
            + "elsewhere",
        Allow = "`volume:data:device=/srv`",
    };

    private static readonly string[] Kinds = ["overlayVolumes", "ctrImageVolumes", "artifactVolumes"];

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        foreach (var kind in Kinds)
        {
            if (subject.Config.Unknown?.TryGetValue(kind, out var list) != true || CanonicalJsonText.IsEmpty(list))
                continue;
            foreach (var volume in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToArray() : [list])
                yield return FindingFactory.Refused(
                    Rule,
                    $"config.dump: {kind}",
                    CanonicalJsonText.Text(volume),
                    "a volume that Stasis doesn't make: it is left out, even if it is allowed",
                    $"{kind}={CanonicalJsonText.Text(volume)}");
        }
        foreach (var volume in subject.Config.NamedVolumes ?? [])
        {
            foreach (var option in (volume.Options ?? []).Where(option => option.Contains('=', StringComparison.Ordinal) || option == "O"))
                yield return FindingFactory.Refused(
                    Rule,
                    "config.dump: namedVolumes",
                    option,
                    $"an option of volume {volume.Name} that isn't a plain one's",
                    $"{volume.Name}:{option}");
            foreach (var (field, value) in (volume.Unknown ?? new Dictionary<string, JsonElement>()).Where(
                field => field.Key != "isAnonymous" && !CanonicalJsonText.IsEmpty(field.Value)
                    && CanonicalJsonText.Text(field.Value) != "\"\""))
                yield return FindingFactory.Refused(
                    Rule,
                    "config.dump: namedVolumes",
                    $"{field}={CanonicalJsonText.Text(value)}",
                    $"a setting of volume {volume.Name} that isn't a plain one's",
                    $"{volume.Name}:{field}={CanonicalJsonText.Text(value)}");
        }
    }
}

internal static partial class MountCheckList
{
    internal static readonly PolicyCheck Volume = Add(new(250, VolumeRule.Check, VolumeRule.Rule));
}
