using System.Text.Json;
using System.Text.Json.Nodes;
using Stasis.Engine;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Policy;
using Stasis.UnitTests.Containers;

namespace Stasis.UnitTests.Vetting.Policy;

/// <summary>What the rules look at, taken from what Podman 5.8 wrote, and from what Stasis writes.</summary>
internal static class Subjects
{
    // Of each container config.dump and spec.dump: of the plain one whole, of the others as a merge patch (RFC 7396) on it.
    private static readonly JsonObject Recorded =
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vetting/Policy/Golden/podman-5.8.json")))!.AsObject();

    public static readonly SeccompProfile? DefaultProfile = SeccompFilterBuilder.ReadDefault();

    public static IEnumerable<string> PodmanNames => Recorded.Select(pair => pair.Key);

    /// <summary>A container that Podman made; <paramref name="patch"/> changes its dumps, as { "config": …, "spec": … }.</summary>
    public static VettingSubject OfPodman(string name, string? patch = null)
    {
        var dumps = Dumps(name);
        if (patch is not null)
            dumps = Merge(dumps, JsonNode.Parse(patch))!;
        return Of(dumps["config"].Deserialize(EngineJson.Default.ContainerConfig)!, dumps["spec"].Deserialize(EngineJson.Default.OciSpec)!);
    }

    /// <summary>The dumps of a container that Podman made, as { "config": …, "spec": … }.</summary>
    public static JsonNode Dumps(string name) =>
        name == "plain" ? Recorded["plain"]!.DeepClone() : Merge(Recorded["plain"]!.DeepClone(), Recorded[name]!.DeepClone())!;

    /// <summary>A container that Stasis makes, as it comes out of an archive.</summary>
    public static VettingSubject OfStasis(CreateOptions options, HostFacts? host = null)
    {
        var made = Blueprints.Build(options, host: host);
        return Of(
            Again(made.Config, EngineJson.Default.ContainerConfig),
            Again(ExportedSpec.Create(new Container(made.Config, made.Spec, new ContainerState())), EngineJson.Default.OciSpec));
    }

    public static VettingSubject Of(ContainerConfig config, OciSpec spec) =>
        new() { Config = config, Spec = spec, Host = Blueprints.Host, Seccomp = DefaultProfile };

    /// <summary>The flags that its import would need, in the order of the findings.</summary>
    public static string[] Flags(VettingSubject subject)
    {
        var refused = PolicyCheckRunner.Check(subject).Where(finding => finding.Severity == Severity.Refused).ToList();
        var privileged = refused.Exists(finding => finding.Rule == "privileged");
        return [.. refused
            .Where(finding => !privileged || !AllowList.ComesWithPrivileged(finding))
            .Select(finding => finding.Allow ?? $"never {finding.Rule} {finding.Value}")];
    }

    private static T Again<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(value, type), type)!;

    private static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject fields)
            return patch?.DeepClone();
        var result = target as JsonObject ?? [];
        foreach (var (name, value) in fields)
        {
            if (value is null)
                result.Remove(name);
            else
                result[name] = Merge(result[name]?.DeepClone(), value);
        }
        return result;
    }
}
