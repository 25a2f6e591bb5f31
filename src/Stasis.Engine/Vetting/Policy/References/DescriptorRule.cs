using System.Text.Json;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>Descriptors that the engine's caller is to hand in.</summary>
internal static class DescriptorRule
{
    public static IEnumerable<Finding> Check(ImportSubject subject) =>
        from field in subject.Config.Unknown ?? new Dictionary<string, JsonElement>()
        where field.Key is "preserveFds" or "preserveFd" && !Exact.IsEmpty(field.Value) && Exact.Text(field.Value) != "0"
        select Found.Never("descriptor", $"config.dump: {field.Key}", Exact.Text(field.Value), "open files of the process that starts it");
}
