using Stasis.Engine.Containers;
using Stasis.Engine.Images;
using Stasis.Engine.LazyPages;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Storage;

namespace Stasis.Cli.Output.Inspect;

/// <summary>What <c>inspect</c> prints of a container, with Podman's fields (libpod/define/container_inspect.go).</summary>
internal sealed record ContainerInspection
{
    public required string Id { get; init; }
    public DateTimeOffset Created { get; init; }
    public required string Path { get; init; }
    public required IReadOnlyList<string> Args { get; init; }
    public required StateInspection State { get; init; }
    public required string Image { get; init; }
    public required string ImageDigest { get; init; }
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
    public required string MountLabel { get; init; }
    public required string ProcessLabel { get; init; }
    public required string AppArmorProfile { get; init; }
    public required IReadOnlyList<string> EffectiveCaps { get; init; }
    public required IReadOnlyList<string> BoundingCaps { get; init; }
    public IReadOnlyList<string> ExecIDs { get; init; } = [];
    public required DriverPart GraphDriver { get; init; }
    public long? SizeRw { get; init; }
    public long? SizeRootFs { get; init; }
    public required IReadOnlyList<MountInspection> Mounts { get; init; }
    public required IReadOnlyList<string> Dependencies { get; init; }
    public required NetworkSettingsInspection NetworkSettings { get; init; }
    public string Namespace { get; init; } = "";
    public bool IsInfra { get; init; }
    public bool IsService { get; init; }
    public required ConfigInspection Config { get; init; }
    public required HostConfigInspection HostConfig { get; init; }

    /// <param name="container">The container.</param>
    /// <param name="image">The image of the container, if it still exists.</param>
    /// <param name="networks">All networks.</param>
    /// <param name="layout">Paths of Stasis on disk.</param>
    /// <param name="size">Size of the container on disk, if it is to be printed.</param>
    /// <param name="memory">ProgressDisplay of loading memory, if the container was restored lazily.</param>
    public static ContainerInspection FromContainer(
        Container container,
        Image? image,
        IReadOnlyList<NetworkConfig> networks,
        Layout layout,
        ContainerSize? size,
        LazyPagesProgress? memory)
    {
        var (config, spec, paths) = (container.Config, container.Spec, layout.Container(container.Id));
        var args = spec.Process?.Args ?? [];
        return new ContainerInspection
        {
            Id = container.Id,
            Created = config.CreatedTime,
            Path = args is [var first, ..] ? first : "",
            Args = [.. args.Skip(1)],
            State = StateInspection.FromContainer(container, memory),
            Image = config.RootfsImageId ?? "",
            ImageDigest = image?.ManifestDigest ?? "",
            ImageName = config.RootfsImageName ?? "",
            ResolvConfPath = BoundFrom("resolv.conf"),
            HostnamePath = BoundFrom("hostname"),
            HostsPath = BoundFrom("hosts"),
            StaticDir = paths.Directory,
            OCIConfigPath = paths.Spec,
            OCIRuntime = config.OciRuntime ?? "",
            ConmonPidFile = paths.ConmonPidFile,
            PidFile = paths.PidFile,
            Name = container.Name,
            RestartCount = container.State.RestartCount,
            MountLabel = PreservedFieldReader.Text(spec.Linux?.Unknown, "mountLabel"),
            ProcessLabel = spec.Process?.SelinuxLabel ?? "",
            AppArmorProfile = spec.Process?.ApparmorProfile ?? "",
            EffectiveCaps = spec.Process?.Capabilities?.Effective ?? [],
            BoundingCaps = spec.Process?.Capabilities?.Bounding ?? [],
            GraphDriver = DriverPart.FromContainer(container.Layers, layout, paths),
            SizeRw = size?.Rw,
            SizeRootFs = size?.RootFs,
            Mounts = MountInspection.FromContainer(container),
            Dependencies = config.Dependencies ?? [],
            NetworkSettings = NetworkSettingsInspection.FromContainer(container, networks, paths),
            Config = ConfigInspection.FromContainer(container),
            HostConfig = HostConfigInspection.FromContainer(container),
        };

        string BoundFrom(string file) => (spec.Mounts ?? []).Any(mount => mount.Source == paths.EtcFile(file)) ? paths.EtcFile(file) : "";
    }
}
