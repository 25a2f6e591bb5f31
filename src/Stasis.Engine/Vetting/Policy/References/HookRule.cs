using System.Text.Json;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>Hooks: programs that the runtime runs as root, outside the container. An archive never brings one along.</summary>
internal static class HookRule
{
    public static IEnumerable<Finding> Check(VettingSubject subject) =>
        FindHooks("spec.dump: hooks", subject.Spec.Hooks).Concat(FindHooks("config.dump: spec.hooks", subject.Config.Spec?.Hooks));

    private static IEnumerable<Finding> FindHooks(string where, JsonElement? hooks)
    {
        if (hooks is not { } given || CanonicalJson.IsEmpty(given))
            yield break;
        if (given.ValueKind != JsonValueKind.Object)
        {
            yield return Never(where, given);
            yield break;
        }
        foreach (var kind in given.EnumerateObject().Where(kind => !CanonicalJson.IsEmpty(kind.Value)))
        {
            JsonElement[] each = kind.Value.ValueKind == JsonValueKind.Array ? [.. kind.Value.EnumerateArray()] : [kind.Value];
            foreach (var hook in each)
                yield return Never($"{where}.{kind.Name}", hook);
        }
    }

    private static Finding Never(string where, JsonElement hook) => FindingFactory.Never("hook", where, CanonicalJson.Text(hook), "a program that would be run as root on this host");
}
