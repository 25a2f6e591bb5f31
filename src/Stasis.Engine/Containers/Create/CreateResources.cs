using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Containers.Create;

/// <summary>Limits of a new container: cgroup resources and rlimits.</summary>
internal static class CreateResources
{
    private const long DefaultPids = 2048; // containers.conf: pids_limit
    private const ulong Period = 100_000; // microseconds: the kernel's own default
    private const ulong DefaultLimit = 1_048_576; // podman libpod/define: RLimitDefaultValue

    /// <summary>Builds the cgroup resources.</summary>
    /// <exception cref="StasisException">A limit is invalid, or this host can't enforce it.</exception>
    public static OciResources Build(CreateOptions options, HostFacts host)
    {
        var pids = options.PidsLimit;
        // Where this host can't limit tasks, the default limit is dropped; a limit that the user asked for fails.
        if (pids is null && host.Cgroups.Controllers.Contains("pids"))
            pids = DefaultPids;
        return new OciResources
        {
            Devices = Devices(options.Privileged),
            Memory = Memory(options.Memory, host),
            Cpu = options.Cpus is { } cpus ? Cpu(cpus, host) : null,
            Pids = pids is > 0 ? new OciPids { Limit = Require(pids.Value, "pids", "--pids-limit", host) } : null,
        };
    }

    /// <summary>Builds Podman's default limits on files and processes, but never above the limits that this process may set.</summary>
    public static IReadOnlyList<OciRlimit> Rlimits(HostFacts host) =>
        [Rlimit("RLIMIT_NOFILE", "Max open files", host), Rlimit("RLIMIT_NPROC", "Max processes", host)];

    private static OciRlimit Rlimit(string type, string name, HostFacts host)
    {
        var own = !host.MayRaiseLimits && host.Limits.TryGetValue(name, out var limits) ? limits : (Soft: DefaultLimit, Hard: DefaultLimit);
        return new OciRlimit { Type = type, Soft = Math.Min(own.Soft, DefaultLimit), Hard = Math.Min(own.Hard, DefaultLimit) };
    }

    private static OciMemory? Memory(long? limit, HostFacts host)
    {
        if (limit is not { } bytes)
            return null;
        if (bytes <= 0)
            throw new StasisException($"invalid value for memory: {bytes} bytes");
        // As in Podman and Docker, swap of the same size.
        return new OciMemory { Limit = Require(bytes, "memory", "--memory", host), Swap = host.Cgroups.HasSwapLimit ? 2 * bytes : null };
    }

    private static OciCpu Cpu(double cpus, HostFacts host)
    {
        if (!double.IsFinite(cpus) || cpus < 0.01)
            throw new StasisException($"invalid value for cpus: {cpus}: at least 0.01 is needed");
        return new OciCpu { Period = Period, Quota = Require((long)(cpus * Period), "cpu", "--cpus", host) };
    }

    private static long Require(long limit, string controller, string flag, HostFacts host) => host.Cgroups.Controllers.Contains(controller)
        ? limit
        : throw new StasisException($"{flag}: this host has no {controller} cgroup controller")
        {
            Remedy = $"leave out {flag}, or mount the {controller} controller",
        };

    // In addition to these rules, runtimes allow the devices that they create themselves, such as /dev/null.
    private static JsonElement Devices(bool all)
    {
        using var rules = JsonDocument.Parse($$"""[{"allow":{{(all ? "true" : "false")}},"access":"rwm"}]""");
        return rules.RootElement.Clone();
    }
}
