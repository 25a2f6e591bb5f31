using System.Text.Json;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.Limits;

/// <summary>
/// Finds device nodes, and rules of the device cgroup, beyond the nodes that every runtime creates. Makes one
/// finding for each device, with the access that the rules give.
/// </summary>
internal static class DeviceRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "device",
        Finds = "device nodes, and device cgroup rules, beyond null, zero, full, random, urandom, tty, console, ptmx "
            + "and pts; one finding for each device",
        Allow = "`device:c:10:229:rwm`",
        AllowedByPrivileged = [RuleDescriptor.Every],
    };

    private const string Nodes = "spec.dump: linux.devices";
    private const string Rules = "spec.dump: linux.resources.devices";
    private static readonly string[] NodeFields = ["path", "type", "major", "minor", "fileMode", "uid", "gid"];
    private static readonly string[] RuleFields = ["allow", "type", "major", "minor", "access"];

    // null, zero, full, random, urandom, tty, console, ptmx and the pseudo-terminals: runtimes allow them to
    // every container (runc: specconv.AllowedDeviceCgroupLines).
    private static readonly string[] PlainDevices = ["c:1:3", "c:1:5", "c:1:7", "c:1:8", "c:1:9", "c:5:0", "c:5:1", "c:5:2", "c:136:*"];

    /// <summary>Whether every container may have a device, "TYPE:MAJOR:MINOR".</summary>
    public static bool IsPlain(string device) => PlainDevices.Contains(device);

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var (nodes, oddNodes) = Read(subject.Linux.Devices, NodeFields);
        var (rules, oddRules) = Read(subject.Linux.Resources?.Devices, RuleFields);
        foreach (var odd in oddNodes)
            yield return FindingFactory.Never(Rule, Nodes, odd, "a device that isn't described as devices are");
        foreach (var odd in oddRules)
            yield return FindingFactory.Never(Rule, Rules, odd, "a device rule that isn't as rules are");
        var permits = rules.Where(rule => rule["allow"].ValueKind != JsonValueKind.False).ToList();
        if (!rules.Any(rule => rule["allow"].ValueKind == JsonValueKind.False && Device(rule) == "a:*:*"))
            yield return FindingFactory.Refused(Rule, Rules, "no rule denies", "all devices of the host are permitted to it", "a:*:*:rwm");
        var (nodesOf, permitsOf) = (nodes.ToLookup(Device), permits.ToLookup(Device));
        foreach (var device in nodesOf.Select(group => group.Key).Union(permitsOf.Select(group => group.Key)).Where(one => !IsPlain(one)))
        {
            var access = string.Concat(permitsOf[device]
                .SelectMany(rule => Text(rule, "access", "rwm"))
                .Distinct()
                .OrderBy(letter => "rwm".IndexOf(letter, StringComparison.Ordinal)));
            var paths = nodesOf[device].Select(node => Text(node, "path", "")).ToList();
            yield return FindingFactory.Refused(
                Rule,
                paths.Count > 0 ? Nodes : Rules,
                string.Join(' ', [.. paths, device, access]).TrimEnd(),
                $"a device of the host{(paths.Count > 0 ? $", as {string.Join(", ", paths)}" : "")}",
                access.Length > 0 ? $"{device}:{access}" : device);
        }
    }

    private static (List<Dictionary<string, JsonElement>> Known, List<string> Odd) Read(JsonElement? given, string[] fields)
    {
        var (known, odd) = (new List<Dictionary<string, JsonElement>>(), new List<string>());
        if (given is not { } list || list.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            return (known, odd);
        if (list.ValueKind != JsonValueKind.Array)
            return (known, [CanonicalJsonText.Text(list)]);
        foreach (var item in list.EnumerateArray())
        {
            // Go accepts field names in any case, and takes the last of two: no engine writes either, and
            // both would be read differently here.
            if (item.ValueKind == JsonValueKind.Object && item.EnumerateObject().Select(field => field.Name).ToList() is var names
                && names.Distinct().Count() == names.Count && names.All(fields.Contains)
                && (fields != RuleFields || names.Contains("allow")))
                known.Add(item.EnumerateObject().ToDictionary(field => field.Name, field => field.Value));
            else
                odd.Add(CanonicalJsonText.Text(item));
        }
        return (known, odd);
    }

    private static string Device(Dictionary<string, JsonElement> item) =>
        $"{Type(Text(item, "type", "a"))}:{Number(item, "major")}:{Number(item, "minor")}";

    // "u" is an unbuffered character device.
    private static string Type(string type) => type switch { "" => "a", "u" => "c", _ => type };

    private static string Text(Dictionary<string, JsonElement> item, string field, string otherwise) =>
        item.TryGetValue(field, out var value) && !CanonicalJsonText.IsEmpty(value) ? CanonicalJsonText.Bare(value) : otherwise;

    private static string Number(Dictionary<string, JsonElement> item, string field) =>
        Text(item, field, "*") is var number && number == "-1" ? "*" : number;
}

internal static partial class LimitCheckList
{
    internal static readonly PolicyCheck Device = Add(new(70, DeviceRule.Check, DeviceRule.Rule));
}
