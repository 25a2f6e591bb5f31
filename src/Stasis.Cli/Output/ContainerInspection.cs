using Stasis.Engine.Containers;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Storage;
using Stasis.Linux;

namespace Stasis.Cli.Output;

/// <summary>A container as <c>inspect</c> shows it, in Podman's shape (libpod/define/container_inspect.go).</summary>
internal sealed record ContainerInspection
{
    public required string Id { get; init; }
    public DateTimeOffset Created { get; init; }
    public required string Path { get; init; }
    public required IReadOnlyList<string> Args { get; init; }
    public required StatePart State { get; init; }
    public required string Image { get; init; }
    public required string ImageName { get; init; }
    public string Rootfs { get; init; } = "";
    public string Pod { get; init; } = "";
    public required string ResolvConfPath { get; init; }
    public required string HostnamePath { get; init; }
    public required string HostsPath { get; init; }
    public required string StaticDir { get; init; }
    public required string OCIConfigPath { get; init; }
    public required string OCIRuntime { get; init; }
    public required string ConmonPidFile { get; init; }
    public required string PidFile { get; init; }
    public required string Name { get; init; }
    public int RestartCount { get; init; }
    public string Driver { get; init; } = "overlay";
    public required IReadOnlyList<string> EffectiveCaps { get; init; }
    public required IReadOnlyList<string> BoundingCaps { get; init; }
    public required IReadOnlyList<MountPart> Mounts { get; init; }
    public required IReadOnlyList<string> Dependencies { get; init; }
    public required NetworkPart NetworkSettings { get; init; }
    public required ConfigPart Config { get; init; }
    public required HostConfigPart HostConfig { get; init; }

    public static ContainerInspection Of(Container container, Layout layout)
    {
        var (config, spec, paths) = (container.Config, container.Spec, layout.Container(container.Id));
        var args = spec.Process?.Args ?? [];
        return new ContainerInspection
        {
            Id = container.Id,
            Created = config.CreatedTime,
            Path = args is [var first, ..] ? first : "",
            Args = [.. args.Skip(1)],
            State = StatePart.Of(container),
            Image = config.RootfsImageId ?? "",
            ImageName = config.RootfsImageName ?? "",
            ResolvConfPath = paths.EtcFile("resolv.conf"),
            HostnamePath = paths.EtcFile("hostname"),
            HostsPath = paths.EtcFile("hosts"),
            StaticDir = paths.Directory,
            OCIConfigPath = paths.Spec,
            OCIRuntime = config.OciRuntime ?? "",
            ConmonPidFile = paths.ConmonPidFile,
            PidFile = paths.PidFile,
            Name = container.Name,
            RestartCount = container.State.RestartCount,
            EffectiveCaps = spec.Process?.Capabilities?.Effective ?? [],
            BoundingCaps = spec.Process?.Capabilities?.Bounding ?? [],
            Mounts = MountPart.Of(container),
            Dependencies = config.Dependencies ?? [],
            NetworkSettings = new NetworkPart { SandboxKey = config.CreateNetNs ? paths.NetNs : "" },
            Config = ConfigPart.Of(container),
            HostConfig = HostConfigPart.Of(container),
        };
    }

    internal sealed record StatePart
    {
        public required string OciVersion { get; init; }
        public required string Status { get; init; }
        public bool Running { get; init; }
        public bool Paused { get; init; }
        public bool Restarting { get; init; }
        public bool OOMKilled { get; init; }
        public bool Dead { get; init; }
        public int Pid { get; init; }
        public int ConmonPid { get; init; }
        public int ExitCode { get; init; }
        public string Error { get; init; } = "";
        public DateTimeOffset StartedAt { get; init; }
        public DateTimeOffset FinishedAt { get; init; }
        public bool Checkpointed { get; init; }
        public required string CgroupPath { get; init; }
        public DateTimeOffset CheckpointedAt { get; init; }
        public DateTimeOffset RestoredAt { get; init; }
        public string? CheckpointLog { get; init; }
        public string? CheckpointPath { get; init; }
        public string? RestoreLog { get; init; }
        public bool Restored { get; init; }

        public static StatePart Of(Container container)
        {
            var state = container.State;
            return new StatePart
            {
                OciVersion = container.Spec.OciVersion,
                Status = ContainerRow.StateOf(container),
                Running = state.Status == ContainerStatus.Running,
                Paused = state.Status == ContainerStatus.Paused,
                OOMKilled = state.OomKilled,
                Pid = state.Pid,
                ConmonPid = state.ConmonPid,
                ExitCode = state.ExitCode,
                Error = state.Error ?? "",
                StartedAt = state.StartedAt ?? default,
                FinishedAt = state.FinishedAt ?? default,
                Checkpointed = state.Checkpointed,
                CgroupPath = container.Spec.Linux?.CgroupsPath ?? "",
                CheckpointedAt = state.CheckpointedAt ?? default,
                RestoredAt = state.RestoredAt ?? default,
                CheckpointLog = state.CheckpointLog,
                CheckpointPath = state.CheckpointPath,
                RestoreLog = state.RestoreLog,
                Restored = state.Restored,
            };
        }
    }

    internal sealed record MountPart
    {
        public required string Type { get; init; }
        public string? Name { get; init; }
        public required string Source { get; init; }
        public required string Destination { get; init; }
        public required string Driver { get; init; }
        public string Mode { get; init; } = "";
        public required IReadOnlyList<string> Options { get; init; }
        public bool RW { get; init; }
        public required string Propagation { get; init; }

        /// <summary>Volumes and what the user bound, not what every container has.</summary>
        public static IReadOnlyList<MountPart> Of(Container container)
        {
            var (config, mounts) = (container.Config, container.Spec.Mounts ?? []);
            var asked = config.UserVolumes ?? [];
            return [.. mounts.Where(mount => asked.Contains(mount.Destination)).Select(mount => Of(mount, config.NamedVolumes?.FirstOrDefault(volume => volume.Destination == mount.Destination)))];
        }

        private static MountPart Of(OciMount mount, NamedVolume? volume)
        {
            var options = mount.Options ?? [];
            return new MountPart
            {
                Type = volume is not null ? "volume" : mount.Type ?? "bind",
                Name = volume?.Name,
                Source = mount.Source ?? "",
                Destination = mount.Destination,
                Driver = volume is not null ? "local" : "",
                Options = options,
                RW = !options.Contains("ro"),
                Propagation = options.FirstOrDefault(option => option.TrimStart('r') is "private" or "shared" or "slave") ?? "",
            };
        }
    }

    internal sealed record NetworkPart
    {
        public string EndpointID { get; init; } = "";
        public string Gateway { get; init; } = "";
        public string IPAddress { get; init; } = "";
        public int IPPrefixLen { get; init; }
        public string MacAddress { get; init; } = "";
        public IReadOnlyDictionary<string, string[]> Ports { get; init; } = new Dictionary<string, string[]>();
        public required string SandboxKey { get; init; }
    }

    internal sealed record ConfigPart
    {
        public required string Hostname { get; init; }
        public required string User { get; init; }
        public bool Tty { get; init; }
        public bool OpenStdin { get; init; }
        public required IReadOnlyList<string> Env { get; init; }
        public required IReadOnlyList<string> Cmd { get; init; }
        public required string Image { get; init; }
        public required string WorkingDir { get; init; }
        public required IReadOnlyList<string> Entrypoint { get; init; }
        public required IReadOnlyDictionary<string, string> Labels { get; init; }
        public required IReadOnlyDictionary<string, string> Annotations { get; init; }
        public required string StopSignal { get; init; }
        public IReadOnlyList<string>? CreateCommand { get; init; }
        public uint StopTimeout { get; init; }

        public static ConfigPart Of(Container container)
        {
            var (config, spec) = (container.Config, container.Spec);
            return new ConfigPart
            {
                Hostname = spec.Hostname ?? "",
                User = config.User ?? "",
                Tty = spec.Process?.Terminal ?? false,
                OpenStdin = config.Stdin ?? false,
                Env = spec.Process?.Env ?? [],
                Cmd = config.Command ?? [],
                Image = config.RootfsImageName ?? "",
                WorkingDir = spec.Process?.Cwd ?? "",
                Entrypoint = config.Entrypoint ?? [],
                Labels = config.Labels ?? new Dictionary<string, string>(),
                Annotations = spec.Annotations ?? new Dictionary<string, string>(),
                StopSignal = Signals.Name((int)(config.StopSignal ?? Signals.Term)),
                CreateCommand = config.CreateCommand,
                StopTimeout = config.StopTimeout ?? 10,
            };
        }
    }

    internal sealed record HostConfigPart
    {
        public required string CgroupManager { get; init; }
        public required LogConfigPart LogConfig { get; init; }
        public required string NetworkMode { get; init; }
        public required RestartPolicyPart RestartPolicy { get; init; }
        public bool AutoRemove { get; init; }
        public bool Privileged { get; init; }
        public bool ReadonlyRootfs { get; init; }
        public long ShmSize { get; init; }
        public required string Runtime { get; init; }
        public long Memory { get; init; }
        public long NanoCpus { get; init; }
        public required string CgroupParent { get; init; }
        public ulong CpuPeriod { get; init; }
        public long CpuQuota { get; init; }
        public bool Init { get; init; }
        public long PidsLimit { get; init; }

        public static HostConfigPart Of(Container container)
        {
            var (config, spec) = (container.Config, container.Spec);
            var (resources, cpu) = (spec.Linux?.Resources, spec.Linux?.Resources?.Cpu);
            var (period, quota) = (cpu?.Period ?? 0, cpu?.Quota ?? 0);
            return new HostConfigPart
            {
                CgroupManager = config.CgroupManager ?? "",
                LogConfig = new LogConfigPart(config.LogDriver ?? "", config.LogPath ?? ""),
                NetworkMode = config.NetworkMode ?? "",
                RestartPolicy = new RestartPolicyPart(config.RestartPolicy ?? "no"),
                AutoRemove = container.AutoRemove,
                Privileged = config.Privileged,
                ReadonlyRootfs = spec.Root?.Readonly ?? false,
                ShmSize = config.ShmSize,
                Runtime = config.OciRuntime ?? "",
                Memory = resources?.Memory?.Limit ?? 0,
                NanoCpus = period > 0 ? (long)(quota * 1_000_000_000.0 / period) : 0,
                CgroupParent = config.CgroupParent ?? "",
                CpuPeriod = period,
                CpuQuota = quota,
                Init = spec.Annotations?.GetValueOrDefault(Annotations.Init) == "TRUE",
                PidsLimit = resources?.Pids?.Limit ?? 0,
            };
        }
    }

    internal sealed record LogConfigPart(string Type, string Path);

    internal sealed record RestartPolicyPart(string Name);
}
