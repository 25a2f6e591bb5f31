using System.Text.Json;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>Finds hooks: programs that the runtime runs as root, outside the container.</summary>
internal static class HookRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "hook",
        Finds = "hooks in spec.dump, or in config.dump's spec: programs that run as root on the host",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject) =>
        FindHooks("spec.dump: hooks", subject.Spec.Hooks).Concat(FindHooks("config.dump: spec.hooks", subject.Config.Spec?.Hooks));

    private static IEnumerable<Finding> FindHooks(string where, JsonElement? hooks)
    {
        if (hooks is not { } given || CanonicalJsonText.IsEmpty(given))
            yield break;
        if (given.ValueKind != JsonValueKind.Object)
        {
            yield return Never(where, given);
            yield break;
        }
        foreach (var kind in given.EnumerateObject().Where(kind => !CanonicalJsonText.IsEmpty(kind.Value)))
        {
            JsonElement[] each = kind.Value.ValueKind == JsonValueKind.Array ? [.. kind.Value.EnumerateArray()] : [kind.Value];
            foreach (var hook in each)
                yield return Never($"{where}.{kind.Name}", hook);
        }
    }

    private static Finding Never(string where, JsonElement hook) =>
        FindingFactory.Never(Rule, where, CanonicalJsonText.Text(hook), "a program that would be run as root on this host");
}

internal static partial class ReferenceCheckList
{
    internal static readonly PolicyCheck Hook = Add(new(20, HookRule.Check, HookRule.Rule));
}
