using System.Text.Json.Serialization;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Cli.Output.Inspect;

/// <summary>The part of a container's configuration that concerns the host (Podman: InspectContainerHostConfig).</summary>
internal sealed record HostConfigInspection
{
    private const ulong UsualPeriod = 100_000;

    public required IReadOnlyList<string> Binds { get; init; }
    public required string CgroupManager { get; init; }
    public required string CgroupMode { get; init; }
    public string ContainerIDFile { get; init; } = "";
    public required LogConfigPart LogConfig { get; init; }
    public required string NetworkMode { get; init; }
    public required IReadOnlyDictionary<string, IReadOnlyList<HostPortInspection>> PortBindings { get; init; }
    public required RestartPolicyPart RestartPolicy { get; init; }
    public bool AutoRemove { get; init; }
    public required IReadOnlyDictionary<string, string> Annotations { get; init; }
    public string VolumeDriver { get; init; } = "";
    public IReadOnlyList<string>? VolumesFrom { get; init; }
    public required IReadOnlyList<string> CapAdd { get; init; }
    public required IReadOnlyList<string> CapDrop { get; init; }
    public required IReadOnlyList<string> Dns { get; init; }
    public required IReadOnlyList<string> DnsOptions { get; init; }
    public required IReadOnlyList<string> DnsSearch { get; init; }
    public required IReadOnlyList<string> ExtraHosts { get; init; }
    public string HostsFile { get; init; } = "";
    public required IReadOnlyList<string> GroupAdd { get; init; }
    public required string IpcMode { get; init; }
    public string Cgroup { get; init; } = "";
    public string Cgroups { get; init; } = "default";
    public IReadOnlyList<string>? Links { get; init; }
    public long OomScoreAdj { get; init; }
    public required string PidMode { get; init; }
    public bool Privileged { get; init; }
    public bool PublishAllPorts { get; init; }
    public bool ReadonlyRootfs { get; init; }
    public required IReadOnlyList<string> SecurityOpt { get; init; }
    public required IReadOnlyDictionary<string, string> Tmpfs { get; init; }
    public required string UTSMode { get; init; }
    public required string UsernsMode { get; init; }
    public long ShmSize { get; init; }
    public string Runtime { get; init; } = "oci";
    public IReadOnlyList<int> ConsoleSize { get; init; } = [0, 0];
    public string Isolation { get; init; } = "";
    public long CpuShares { get; init; }
    public long Memory { get; init; }
    public long NanoCpus { get; init; }
    public required string CgroupParent { get; init; }
    public ulong CpuPeriod { get; init; }
    public long CpuQuota { get; init; }
    public long CpuRealtimePeriod { get; init; }
    public long CpuRealtimeRuntime { get; init; }
    public required string CpusetCpus { get; init; }
    public required string CpusetMems { get; init; }
    public long MemoryReservation { get; init; }
    public long MemorySwap { get; init; }
    public long? MemorySwappiness { get; init; }
    public bool OomKillDisable { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public bool Init { get; init; }
    public long PidsLimit { get; init; }
    public required IReadOnlyList<UlimitPart> Ulimits { get; init; }

    public static HostConfigInspection FromContainer(Container container)
    {
        var (config, spec) = (container.Config, container.Spec);
        var (cpu, memory) = (spec.Linux?.Resources?.Cpu, spec.Linux?.Resources?.Memory);
        var asked = MountInspection.Asked(container).ToList();
        var bounding = spec.Process?.Capabilities?.Bounding ?? [];
        return new HostConfigInspection
        {
            Binds = [.. asked.Where(mount => mount.Mount.Type != "tmpfs").Select(mount => Bind(mount.Mount, mount.Volume))],
            CgroupManager = config.CgroupManager ?? "",
            CgroupMode = Namespace(spec, "cgroup", "host"),
            LogConfig = new LogConfigPart
            {
                Type = config.LogDriver ?? "",
                Path = config.LogPath ?? "",
                Tag = PreservedFieldReader.Text(config.Unknown, "logTag"),
            },
            NetworkMode = config.NetworkMode ?? "",
            PortBindings = HostPortInspection.FromMappings(config.PortMappings),
            RestartPolicy = new RestartPolicyPart(
                config.RestartPolicy is { Length: > 0 } policy ? policy : "no",
                PreservedFieldReader.Number(config.Unknown, "restart_retries")),
            AutoRemove = container.AutoRemove,
            Annotations = spec.Annotations ?? new Dictionary<string, string>(),
            CapAdd = config.Privileged ? [] : [.. bounding.Except(CreateOptions.DefaultCapabilities)],
            CapDrop = config.Privileged ? [] : [.. CreateOptions.DefaultCapabilities.Except(bounding).Order(StringComparer.Ordinal)],
            Dns = config.DnsServers ?? [],
            DnsOptions = config.DnsOptions ?? [],
            DnsSearch = config.DnsSearch ?? [],
            ExtraHosts = config.HostsAdd ?? [],
            GroupAdd = PreservedFieldReader.Texts(config.Unknown, "groups"),
            IpcMode =
                Namespace(spec, "ipc", "host") is not "private" and var ipc ? ipc : config.NoShmShare == true ? "private" : "shareable",
            OomScoreAdj = PreservedFieldReader.Number(spec.Process?.Unknown, "oomScoreAdj"),
            PidMode = Namespace(spec, "pid", "host"),
            Privileged = config.Privileged,
            PublishAllPorts = spec.Annotations?.GetValueOrDefault("io.podman.annotations.publish-all") == "TRUE",
            ReadonlyRootfs = spec.Root?.Readonly ?? false,
            SecurityOpt = [.. SecurityOptions(spec)],
            Tmpfs = asked.Where(mount => mount.Mount.Type == "tmpfs")
                .ToDictionary(mount => mount.Mount.Destination, mount => string.Join(',', mount.Mount.Options ?? [])),
            UTSMode = Namespace(spec, "uts", "host"),
            UsernsMode = Namespace(spec, "user", ""),
            ShmSize = config.ShmSize,
            CpuShares = PreservedFieldReader.Number(cpu?.Unknown, "shares"),
            Memory = memory?.Limit ?? 0,
            NanoCpus = cpu?.Period == UsualPeriod ? 10_000 * (cpu.Quota ?? 0) : 0,
            CgroupParent = config.CgroupParent ?? "",
            CpuPeriod = cpu?.Period ?? 0,
            CpuQuota = cpu?.Quota ?? 0,
            CpuRealtimePeriod = PreservedFieldReader.Number(cpu?.Unknown, "realtimePeriod"),
            CpuRealtimeRuntime = PreservedFieldReader.Number(cpu?.Unknown, "realtimeRuntime"),
            CpusetCpus = PreservedFieldReader.Text(cpu?.Unknown, "cpus"),
            CpusetMems = PreservedFieldReader.Text(cpu?.Unknown, "mems"),
            MemoryReservation = PreservedFieldReader.Number(memory?.Unknown, "reservation"),
            MemorySwap = memory?.Swap ?? 0,
            MemorySwappiness = PreservedFieldReader.NumberOrNull(memory?.Unknown, "swappiness"),
            OomKillDisable = PreservedFieldReader.Flag(memory?.Unknown, "disableOOMKiller"),
            Init = spec.Annotations?.GetValueOrDefault(Stasis.Engine.Model.Annotations.Init) == "TRUE",
            PidsLimit = spec.Linux?.Resources?.Pids?.Limit ?? 0,
            Ulimits = [.. (spec.Process?.Rlimits ?? []).Select(limit => new UlimitPart(limit.Type, (long)limit.Soft, (long)limit.Hard))],
        };
    }

    private static string Bind(OciMount mount, NamedVolume? volume)
    {
        var options = volume?.Options ?? mount.Options ?? [];
        return $"{volume?.Name ?? mount.Source}:{mount.Destination}{(options.Count > 0 ? ":" : "")}{string.Join(',', options)}";
    }

    // A new namespace is private; an existing one is shown by its path.
    private static string Namespace(OciSpec spec, string type, string none) =>
        spec.Linux?.Namespaces?.FirstOrDefault(space => space.Type == type) is { } found
        ? found.Path is { Length: > 0 } path ? $"ns:{path}" : "private"
        : none;

    private static IEnumerable<string> SecurityOptions(OciSpec spec)
    {
        if (spec.Process?.NoNewPrivileges == true)
            yield return "no-new-privileges";
        foreach (var name in new[] { "label", "seccomp", "apparmor" })
        {
            if (spec.Annotations?.GetValueOrDefault($"io.podman.annotations.{name}") is { } value)
                yield return $"{name}={value}";
        }
        if (spec.Linux?.MaskedPaths is null)
            yield return "unmask=all";
    }

    /// <summary>Podman: InspectLogConfig.</summary>
    internal sealed record LogConfigPart
    {
        public required string Type { get; init; }
        public IReadOnlyDictionary<string, string>? Config { get; init; }
        public required string Path { get; init; }
        public required string Tag { get; init; }
        public string Size { get; init; } = "0B";
    }

    /// <summary>Podman: InspectRestartPolicy.</summary>
    internal sealed record RestartPolicyPart(string Name, long MaximumRetryCount);

    /// <summary>Podman: InspectUlimit.</summary>
    internal sealed record UlimitPart(string Name, long Soft, long Hard);
}
