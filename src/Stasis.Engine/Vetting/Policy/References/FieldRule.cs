using System.Text.Json;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>
/// Fields of the spec that Stasis hands on to the runtime without knowing them. A runtime may act on each, also on one in other letters (Go reads field
/// names in any case), so only those that are known to be harmless, or that have a rule of their own, pass.
/// </summary>
internal static class FieldRule
{
    public const string OomScore = "oomScoreAdj";
    public const string Personality = "personality";
    public const string MountLabel = "mountLabel";
    public static readonly string[] IdMappings = ["uidMappings", "gidMappings"];

    private static readonly string[] PlainOfSpec = ["domainname"];
    private static readonly string[] PlainOfProcess = ["consoleSize", OomScore];
    private static readonly string[] PlainOfLinux = [.. IdMappings, Personality, MountLabel];

    public static IEnumerable<Finding> Check(VettingSubject subject) =>
    [
        .. FindUnknownFields("", subject.Spec.Unknown, PlainOfSpec),
        .. FindUnknownFields("process.", subject.Spec.Process?.Unknown, PlainOfProcess),
        .. FindUnknownFields("process.user.", subject.Spec.Process?.User?.Unknown, []),
        .. FindUnknownFields("root.", subject.Spec.Root?.Unknown, []),
        .. (subject.Spec.Mounts ?? []).SelectMany((mount, index) => FindUnknownFields($"mounts[{index}].", mount.Unknown, [])),
        .. FindUnknownFields("linux.", subject.Spec.Linux?.Unknown, PlainOfLinux),
    ];

    private static IEnumerable<Finding> FindUnknownFields(string parent, IDictionary<string, JsonElement>? fields, string[] plain) =>
        from field in fields ?? new Dictionary<string, JsonElement>()
        where !plain.Contains(field.Key) && !CanonicalJson.IsEmpty(field.Value)
        let exact = $"{parent}{field.Key}={CanonicalJson.Text(field.Value)}"
        select FindingFactory.Refused("field", $"spec.dump: {parent}{field.Key}", CanonicalJson.Text(field.Value), "a setting of the runtime that a plain container doesn't have", exact);
}
