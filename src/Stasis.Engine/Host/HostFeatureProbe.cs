using System.Globalization;
using Stasis.Engine.Criu;
using Stasis.Engine.Oci;
using Stasis.Linux;

namespace Stasis.Engine.Host;

/// <summary>What the kernel, and the way it is set up, can do: tried, not guessed from versions.</summary>
internal static class HostFeatureProbe
{
    /// <summary>The name of the capability without which processes of other users can't be dumped.</summary>
    public const string SysResource = "CAP_SYS_RESOURCE";

    // Those that limits are set with.
    private static readonly string[] Controllers = ["cpu", "memory", "pids"];

    // linux/capability.h.
    private static readonly (int Bit, string Name, bool Required, string Lost)[] Capabilities =
    [
        (21, "CAP_SYS_ADMIN", true, "everything: containers need root"),
        (19, "CAP_SYS_PTRACE", true, "checkpoints: CRIU takes processes over with ptrace"),
        (24, SysResource, false,
            "limits: containers whose processes aren't root's can't be checkpointed (CRIU can't read their limits), "
            + "higher ones than this process's are restored as lower ones, and oom_score_adj can't be lowered"),
        (40, "CAP_CHECKPOINT_RESTORE", false, "nothing as long as CAP_SYS_ADMIN is there"),
    ];

    public static IReadOnlyList<HostFinding> ProbeAll(string runtime) =>
    [
        Finding("overlayfs", KernelFeatures.HasFileSystem("overlay"), required: true,
            "containers: their root file systems are overlays", "load the module overlay, or use a kernel with CONFIG_OVERLAY_FS"),
        Cgroups(runtime),
        RunOnTmpfs(),
        Finding("soft-dirty", KernelFeatures.HasSoftDirty(), required: false,
            "pre-checkpoints: the kernel can't tell which memory has changed since the last", "use a kernel with CONFIG_MEM_SOFT_DIRTY"),
        Finding("userfaultfd", KernelFeatures.HasUserFaultFd(), required: false,
            "restores that load memory on demand", "use a kernel with CONFIG_USERFAULTFD"),
        Finding("breakpoints", KernelFeatures.HasHardwareBreakpoints(), required: false,
            "dumps with a CRIU before 4.2, which waits for a hardware breakpoint for ever",
            "use CRIU 4.2 or newer, or set CRIU_FAULT=130; many virtual machines have none that work"),
        .. ProbeCapabilities(),
        .. ProbeCriuConfig(),
    ];

    private static IEnumerable<HostFinding> ProbeCriuConfig() =>
        HostCriuConfig.Describe().Select(file => new HostFinding
        {
            Name = Path.GetFileName(file.Path),
            Path = file.Path,
            Required = false,
            Sufficient = false,
            Problem = file.Problem,
            Remedy = file.Remedy,
        });

    internal static HostFinding Cgroups(
        string runtime, string mounts = "/proc/self/mounts", string controllersFile = "/sys/fs/cgroup/cgroup.controllers")
    {
        var lines = File.ReadLines(mounts).Select(line => line.Split(' '))
            .Where(fields => fields.Length > 3 && !HostCgroups.IsTemporaryCriuMount(fields[1])).ToList();
        var v1 = lines.Where(fields => fields[2] == "cgroup").SelectMany(fields => fields[3].Split(',')).ToHashSet();
        var hasV2 = lines.Any(fields => fields[2] == "cgroup2");
        var mode = v1.Count > 0 ? (hasV2 ? "v1 with v2 beside it (hybrid)" : "v1") : hasV2 ? "v2" : "none";
        var controllers = v1.Count > 0 ? v1
            : File.Exists(controllersFile) ? File.ReadAllText(controllersFile).Split((char[])[' ', '\n']).ToHashSet() : [];
        string[] missing = [.. Controllers.Where(controller => !controllers.Contains(controller))];
        // With v2 the freezer is no controller but part of every group.
        var canFreeze = v1.Count > 0 ? v1.Contains("freezer") : hasV2;
        // crun 1.28: "joining cgroup not supported on hybrid systems"; runc then leaves cgroup2 alone.
        if (v1.Count > 0 && hasV2 && Runtime.IsCrun(runtime))
        {
            return new HostFinding
            {
                Name = "cgroups",
                Detail = mode,
                Required = true,
                Sufficient = false,
                Problem = "crun can't run containers where cgroup2 is mounted beside v1 controllers",
                Lost = "containers with crun",
                Remedy = "use runc, boot with cgroup v2 alone (systemd.unified_cgroup_hierarchy=1), or unmount cgroup2 where stasis runs",
            };
        }
        return new HostFinding
        {
            Name = "cgroups",
            Detail = mode,
            Required = !canFreeze,
            Sufficient = canFreeze && missing.Length == 0,
            Problem = !canFreeze ? "there is no freezer" : missing.Length > 0 ? $"no controller {string.Join(", ", missing)}" : null,
            Lost = !canFreeze ? "pausing, and with it checkpoints" : missing.Length > 0 ? $"limits for {string.Join(", ", missing)}" : null,
            Remedy = canFreeze && missing.Length == 0 ? null : "mount the controllers (cgroup v2 at /sys/fs/cgroup is best)",
        };
    }

    private static HostFinding RunOnTmpfs()
    {
        var mounts = File.ReadLines("/proc/self/mounts").Select(line => line.Split(' '));
        var type = mounts.LastOrDefault(fields => fields is [_, "/run", ..])?[2];
        return Finding("/run on tmpfs", type == "tmpfs", required: false,
            "60 to 80 ms of every checkpoint and restore: CRIU remembers what it learnt of the kernel only there",
            "mount -t tmpfs tmpfs /run at boot, as systemd does");
    }

    private static IEnumerable<HostFinding> ProbeCapabilities()
    {
        var line = File.ReadLines("/proc/self/status").First(status => status.StartsWith("CapEff:", StringComparison.Ordinal));
        var effective = ulong.Parse(line["CapEff:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return Capabilities.Select(capability => Finding(
            capability.Name,
            (effective >> capability.Bit & 1) != 0,
            capability.Required,
            capability.Lost,
            "run as root, with this capability"));
    }

    private static HostFinding Finding(string name, bool works, bool required, string lost, string remedy) => new()
    {
        Name = name,
        Required = required,
        Sufficient = works,
        Lost = works ? null : lost,
        Remedy = works ? null : remedy,
    };
}
