using System.Text.Json;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>
/// Finds fields of the spec that Stasis hands on to the runtime without knowing them. A runtime may act on
/// any of them, also on one in another case, since Go ignores case. So only fields that are known to be
/// harmless, or that have a rule of their own, are plain.
/// </summary>
internal static class UnknownSpecFieldRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "field",
        Finds = "fields of the spec that Stasis doesn't know and would hand on (`intelRdt`, `timeOffsets`, "
            + "`netDevices`, `scheduler`, ID-mapped mounts), also in another case, since Go ignores case",
        Allow = "`field:linux.intelRdt={\"closID\":\"x\"}`",
    };

    public const string OomScore = "oomScoreAdj";
    public const string Personality = "personality";
    public const string MountLabel = "mountLabel";
    public static readonly string[] IdMappings = ["uidMappings", "gidMappings"];

    private static readonly string[] PlainOfSpec = ["domainname"];
    private static readonly string[] PlainOfProcess = ["consoleSize", OomScore];
    private static readonly string[] PlainOfLinux = [.. IdMappings, Personality, MountLabel];

    // Fields with rules of their own, whose values no flag for this rule may allow.
    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "ociVersion", "process", "root", "mounts", "hooks", "annotations", "hostname", "linux", "terminal", "user", "args", "env", "cwd",
        "capabilities", "rlimits", "noNewPrivileges", "apparmorProfile", "selinuxLabel", "namespaces", "devices", "cgroupsPath",
        "resources", "seccomp", "rootfsPropagation", "maskedPaths", "readonlyPaths", "sysctl",
    };

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
        where !plain.Contains(field.Key) && !CanonicalJsonText.IsEmpty(field.Value)
        let place = $"spec.dump: {parent}{field.Key}"
        let value = CanonicalJsonText.Text(field.Value)
        select Known.Contains(field.Key)
            ? FindingFactory.Never(Rule, place, value, "a field's name in another case, which the runtime takes for that field")
            : FindingFactory.Refused(
                Rule, place, value, "a setting of the runtime that a plain container doesn't have", $"{parent}{field.Key}={value}");
}

internal static partial class ReferenceCheckList
{
    internal static readonly PolicyCheck Field = Add(new(200, UnknownSpecFieldRule.Check, UnknownSpecFieldRule.Rule));
}
