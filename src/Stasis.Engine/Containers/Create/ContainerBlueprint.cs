using System.Globalization;
using Stasis.Engine.Common;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers.Create;

/// <summary>
/// The config and the spec of a new container, computed from the options and the image before anything is created. The spec lacks
/// only what is read from the mounted root file system (the user's numbers and home): <see cref="ContainerStartPreparation.Prepare"/> adds
/// that at every start.
/// </summary>
/// <param name="Config">
/// The config; <see cref="ContainerConfig.NamedVolumes"/> lists the volumes that must exist before the first start.
/// </param>
/// <param name="Spec">The OCI spec with host paths.</param>
internal sealed record ContainerBlueprint(ContainerConfig Config, OciSpec Spec)
{
    private const int DefaultUmask = 18; // octal 022, containers.conf: umask

    /// <summary>Checks the options and computes the container. Changes nothing.</summary>
    /// <exception cref="StasisException">The options can't be met; the message is Podman's where Podman has one.</exception>
    public static ContainerBlueprint Build(
        CreateOptions options, Image image, string id, string name, Layout layout, EngineOptions defaults) =>
        Build(options, image, id, name, layout, defaults, HostFacts.Read());

    internal static ContainerBlueprint Build(
        CreateOptions options, Image image, string id, string name, Layout layout, EngineOptions defaults, HostFacts host)
    {
        ObjectName.Require("container", name);
        if (options.ShmSize < 0)
            throw new StasisException($"invalid value for shm-size: {options.ShmSize}");
        var paths = layout.Container(id);
        var network = NewContainerNetwork.Build(options, image, layout);
        var hostname = options.Hostname ?? (network.Mode == "host" ? host.HostName : id[..12]);
        var user = options.User ?? image.Config.User;
        var security = CreateSecurity.Build(options);
        var volumes = RequestedMounts.Build(options, image, layout, host);
        var capabilities = CreateCapabilities.Build(options, user, host);
        var (entrypoint, command) = Command(options, image);
        var stopSignal = StopSignal(options.StopSignal ?? image.Config.StopSignal);

        var spec = new OciSpec
        {
            Hostname = hostname,
            Process = new OciProcess
            {
                Terminal = options.Tty ? true : null,
                User = new OciUser { Umask = DefaultUmask },
                Args = [.. options.Init ? [ContainerSpecMounts.InitPath, "--"] : (string[])[], .. entrypoint, .. command],
                Env = CreateEnvironment.Build(options, image, hostname),
                Cwd = WorkingDirectory(options, image),
                Capabilities = capabilities,
                Rlimits = CreateResources.Rlimits(host),
                NoNewPrivileges = security.NoNewPrivileges,
            },
            Root = new OciRoot { Path = paths.Merged, Readonly = options.ReadOnly ? true : null },
            Mounts = ContainerSpecMounts.Build(options, volumes, paths, security.CgroupsWritable, host),
            Annotations = Annotate(options, stopSignal),
            Linux = new OciLinux
            {
                Namespaces = Namespaces(network.Mode, paths, host),
                Devices = options.Privileged ? PrivilegedDevices.ReadFromHost() : null,
                CgroupsPath = $"/stasis/{id}",
                Resources = CreateResources.Build(options, host),
                RootfsPropagation = Propagation(volumes.Mounts),
                Seccomp = SeccompFilterBuilder.Build(security.Seccomp, capabilities, host),
                // Allows ping without privileges (containers.conf: default_sysctls). On the host's network the setting would be the host's.
                Sysctl = network.Mode == "host" ? null : new Dictionary<string, string> { ["net.ipv4.ping_group_range"] = "0 0" },
                MaskedPaths = security.Masked,
                ReadonlyPaths = security.Readonly,
            },
        };
        var config = new ContainerConfig
        {
            Id = id,
            Name = name,
            CreateCommand = options.CreateCommand,
            RawImageName = options.Image,
            RootfsImageId = image.Id,
            RootfsImageName = image.NameFor(options.Image),
            ShmDir = paths.Shm,
            ShmSize = options.ShmSize,
            StaticDir = paths.Directory,
            Mounts = [paths.Shm],
            NamedVolumes = volumes.Named,
            UserVolumes = [.. volumes.Mounts.Select(mount => mount.Destination)],
            Privileged = options.Privileged,
            User = user,
            Umask = "0022",
            CreateNetNs = network.Mode != "host",
            NetworkMode = network.Mode,
            Networks = network.Attachments.Count > 0 ? network.Attachments : null,
            PortMappings = network.Ports.Count > 0 ? network.Ports : null,
            ExposedPorts = network.Exposed.Count > 0 ? network.Exposed : null,
            DnsServers = options.Dns.Count > 0 ? options.Dns : null,
            DnsSearch = options.DnsSearch.Count > 0 ? options.DnsSearch : null,
            DnsOptions = options.DnsOptions.Count > 0 ? options.DnsOptions : null,
            HostsAdd = options.AddHosts.Count > 0 ? options.AddHosts : null,
            Entrypoint = entrypoint,
            Command = command,
            CreateWorkingDir = options.WorkingDirectory is null ? true : null,
            Stdin = options.Interactive ? true : null,
            Labels = Join(image.Config.Labels, options.Labels),
            StopSignal = (uint)stopSignal,
            StopTimeout = options.StopTimeout,
            CreatedTime = DateTimeOffset.UtcNow,
            CgroupManager = "cgroupfs",
            CgroupParent = "/stasis",
            LogPath = paths.Log,
            LogDriver = "k8s-file",
            OciRuntime = options.Runtime ?? defaults.Runtime,
        };
        return new ContainerBlueprint(config, spec);
    }

    // An entrypoint given by the user drops the image's command too. An empty entrypoint runs the command alone.
    private static (IReadOnlyList<string> Entrypoint, IReadOnlyList<string> Command) Command(CreateOptions options, Image image)
    {
        var entrypoint = options.Entrypoint ?? image.Config.Entrypoint ?? [];
        if (entrypoint is [""])
            entrypoint = [];
        var command = options.Command.Count == 0 && options.Entrypoint is not { Count: > 0 } ? image.Config.Cmd ?? [] : options.Command;
        return entrypoint.Count + command.Count > 0
            ? (entrypoint, command)
            : throw new StasisException("no command or entrypoint provided, and no CMD or ENTRYPOINT from image");
    }

    private static string WorkingDirectory(CreateOptions options, Image image)
    {
        var directory = options.WorkingDirectory ?? (image.Config.WorkingDir is { Length: > 0 } own ? own : "/");
        return directory.StartsWith('/')
            ? directory
            : throw new StasisException($"the working directory \"{directory}\" is invalid, it needs to be an absolute path");
    }

    private static int StopSignal(string? text)
    {
        if (text is not { Length: > 0 })
            return Stasis.Linux.Processes.Signals.Term;
        return Stasis.Linux.Processes.Signals.Parse(text) ?? throw new StasisException($"invalid signal: {text}");
    }

    private static List<OciNamespace> Namespaces(string network, ContainerLayout paths, HostFacts host)
    {
        List<OciNamespace> namespaces =
            [new() { Type = "pid" }, new() { Type = "ipc" }, new() { Type = "uts" }, new() { Type = "mount" }];
        if (network != "host")
            namespaces.Add(new OciNamespace { Type = "network", Path = paths.NetNs });
        if (host.Cgroups.IsUnified)
            namespaces.Add(new OciNamespace { Type = "cgroup" });
        return namespaces;
    }

    // A shared or slave bind mount needs a root with that propagation.
    private static string? Propagation(IReadOnlyList<OciMount> mounts)
    {
        var options = mounts.SelectMany(mount => mount.Options ?? []).ToHashSet();
        if (options.Overlaps(["shared", "rshared"]))
            return "shared";
        return options.Overlaps(["slave", "rslave"]) ? "rslave" : null;
    }

    private static Dictionary<string, string> Annotate(CreateOptions options, int stopSignal)
    {
        var annotations = new Dictionary<string, string>(options.Annotations)
        {
            ["org.opencontainers.image.stopSignal"] = stopSignal.ToString(CultureInfo.InvariantCulture),
        };
        if (options.AutoRemove)
            annotations[Annotations.AutoRemove] = "TRUE";
        if (options.Init)
            annotations[Annotations.Init] = "TRUE";
        if (options.Privileged)
            annotations[Annotations.Privileged] = "TRUE";
        return annotations;
    }

    private static Dictionary<string, string> Join(IReadOnlyDictionary<string, string>? image, IReadOnlyDictionary<string, string> own)
    {
        var labels = new Dictionary<string, string>(image ?? new Dictionary<string, string>());
        foreach (var (key, value) in own)
            labels[key] = value;
        return labels;
    }
}
