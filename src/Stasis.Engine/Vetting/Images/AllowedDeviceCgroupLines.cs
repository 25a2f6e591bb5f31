using System.Globalization;
using System.Text.Json;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Images;

/// <summary>
/// Lines of devices.list ("c 1:3 rwm") that a container's device cgroup may have: those that runtimes write
/// for its spec.
/// </summary>
internal sealed class AllowedDeviceCgroupLines
{
    // The runtime-spec's devices, those that runc and crun add (older versions tun, too), and creating any node.
    private static readonly string[] Everywhere =
    [
        "c *:* m", "b *:* m", "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm", "c 5:0 rwm", "c 5:1 rwm", "c 5:2 rwm",
        "c 10:200 rwm", "c 136:* rwm",
    ];

    private readonly HashSet<string> _lines = [.. Everywhere];
    private readonly bool _all;

    public AllowedDeviceCgroupLines(OciSpec spec)
    {
        foreach (var rule in SpecJson.Objects(spec.Linux?.Resources?.Devices))
        {
            if (!rule.TryGetProperty("allow", out var allow) || allow.ValueKind != JsonValueKind.True)
                continue;
            var type = SpecJson.Text(rule, "type") is { Length: > 0 } given ? given : "a";
            _lines.Add($"{type} {Number(rule, "major")}:{Number(rule, "minor")} {SpecJson.Text(rule, "access") ?? "rwm"}");
            _all |= type == "a" && Number(rule, "major") == "*";
        }
    }

    public bool Has(string line) => _all || _lines.Contains(line);

    private static string Number(JsonElement rule, string name) =>
        SpecJson.Number(rule, name)?.ToString(CultureInfo.InvariantCulture) ?? "*";
}
