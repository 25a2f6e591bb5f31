using System.Text.Json;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Vetting.Images;

/// <summary>What a container's spec allows its processes, in the form that rules need.</summary>
internal sealed class SpecAllowances
{
    private readonly ulong _bounding;

    public SpecAllowances(OciSpec spec, ContainerConfig config)
    {
        Spec = spec;
        Config = config;
        var process = spec.Process;
        _bounding = Set(process?.Capabilities?.Bounding);
        NoNewPrivileges = process?.NoNewPrivileges == true;
        Initial = Set(process?.Capabilities?.Effective) | Set(process?.Capabilities?.Permitted) | Set(process?.Capabilities?.Ambient);
        User = process?.User ?? new OciUser();
        OomScoreAdj = process?.Unknown?.TryGetValue("oomScoreAdj", out var adj) == true
            && adj.ValueKind == JsonValueKind.Number && adj.TryGetInt32(out var number) ? number : 0;
        Devices = AllowedDeviceNodes.FromSpec(spec);
        Scheduler = SpecScheduler.FromSpec(spec);
    }

    public OciSpec Spec { get; }

    public ContainerConfig Config { get; }

    /// <summary>The spec's bounding set, one bit a capability: no process of the container can ever have others.</summary>
    public ulong Bounding => _bounding;

    /// <summary>The capabilities that the first process started with, one bit each.</summary>
    public ulong Initial { get; }

    public bool NoNewPrivileges { get; }

    public OciUser User { get; }

    public int OomScoreAdj { get; }

    public AllowedDeviceNodes Devices { get; }

    /// <summary>The scheduling that the spec gives the first process.</summary>
    public SpecScheduler Scheduler { get; }

    /// <summary>The spec's hard limit of a type ("RLIMIT_NOFILE"); null if it has none, and the runtime leaves its own.</summary>
    public ulong? Limit(string type) => Spec.Process?.Rlimits?.LastOrDefault(limit => limit.Type == type)?.Hard;

    /// <summary>Whether a capability is in the bounding set.</summary>
    public bool May(string capability) => (_bounding & Bit(capability)) != 0;

    /// <summary>Whether processes have a capability without a setuid program or file capabilities.</summary>
    public bool Has(string capability) => (Initial & Bit(capability)) != 0;

    /// <summary>The spec's namespace of a type, new or joined by its path; null if the container has the host's.</summary>
    public OciNamespace? Namespace(string type) => Spec.Linux?.Namespaces?.FirstOrDefault(space => space.Type == type);

    /// <summary>The names of the capabilities in a set, separated by commas.</summary>
    public static string Names(ulong set)
    {
        var names = HostFacts.AllCapabilities;
        return string.Join(
            ",",
            Enumerable.Range(0, 64).Where(bit => (set & (1UL << bit)) != 0).Select(bit => bit < names.Count ? names[bit] : $"CAP_{bit}"));
    }

    private static ulong Set(IReadOnlyList<string>? names) => (names ?? []).Aggregate(0UL, (set, name) => set | Bit(name));

    private static ulong Bit(string capability)
    {
        var names = HostFacts.AllCapabilities;
        for (var bit = 0; bit < names.Count; bit++)
        {
            if (names[bit] == capability)
                return 1UL << bit;
        }
        return 0;
    }
}
