using System.Text.Json;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>Hooks: programs that the runtime runs as root, outside the container. An archive never brings one along.</summary>
internal static class HookRule
{
    public static IEnumerable<Finding> Check(ImportSubject subject) =>
        Of("spec.dump: hooks", subject.Spec.Hooks).Concat(Of("config.dump: spec.hooks", subject.Config.Spec?.Hooks));

    private static IEnumerable<Finding> Of(string where, JsonElement? hooks)
    {
        if (hooks is not { } given || Exact.IsEmpty(given))
            yield break;
        if (given.ValueKind != JsonValueKind.Object)
        {
            yield return Never(where, given);
            yield break;
        }
        foreach (var kind in given.EnumerateObject().Where(kind => !Exact.IsEmpty(kind.Value)))
        {
            JsonElement[] each = kind.Value.ValueKind == JsonValueKind.Array ? [.. kind.Value.EnumerateArray()] : [kind.Value];
            foreach (var hook in each)
                yield return Never($"{where}.{kind.Name}", hook);
        }
    }

    private static Finding Never(string where, JsonElement hook) => Found.Never("hook", where, Exact.Text(hook), "a program that would be run as root on this host");
}
