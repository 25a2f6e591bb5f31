using System.Text.Json;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.Limits;

/// <summary>
/// Finds devices by CDI name, GPUs, or all devices of the host: Podman resolves them when it creates or
/// starts the container.
/// </summary>
internal static class CdiRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "cdi",
        Finds = "devices by CDI name, `--gpus`, all devices",
        Allow = "`cdi:nvidia.com/gpu=all`",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        foreach (var (field, value) in (subject.Config.Unknown ?? new Dictionary<string, JsonElement>())
            .Where(field => field.Key is "cdiDevices" or "gpus" && !CanonicalJsonText.IsEmpty(field.Value)))
        {
            foreach (var device in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value])
                yield return FindingFactory.Refused(
                    Rule,
                    $"config.dump: {field}",
                    CanonicalJsonText.Bare(device),
                    "devices of the host by their names in the Container Device Interface",
                    CanonicalJsonText.Bare(device));
        }
        if (subject.Config.Unknown?.TryGetValue("mountAllDevices", out var all) == true
            && !CanonicalJsonText.IsEmpty(all) && all.ValueKind != JsonValueKind.False
            && !subject.Config.Privileged)
            yield return FindingFactory.Refused(
                Rule,
                "config.dump: mountAllDevices",
                CanonicalJsonText.Text(all),
                "all devices of the host",
                "mountAllDevices");
    }
}

internal static partial class LimitCheckList
{
    internal static readonly PolicyCheck Cdi = Add(new(290, CdiRule.Check, CdiRule.Rule));
}
