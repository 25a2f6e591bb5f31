using System.Text.Json;
using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers.Adoption;

/// <summary>
/// Makes of what an archive says a container of this host: new name and ID where asked for, and every host path replaced by one of
/// our own layout. Paths that the archive brings are never used, except for bind mounts, which the import policy has let pass.
/// </summary>
internal static class RestoredContainerConfig
{
    public static Container Adopt(ContainerConfig config, OciSpec spec, string id, string name, Layout layout)
    {
        var paths = layout.Container(id);
        var adopted = config with
        {
            Id = id,
            Name = name,
            StaticDir = paths.Directory,
            ShmDir = paths.Shm,
            Mounts = [paths.Shm],
            LogPath = paths.Log,
            ConmonPidFile = null,
            CgroupManager = "cgroupfs",
            CgroupParent = CgroupParent,
            CreatedTime = DateTimeOffset.UtcNow,
            Unknown = config.Unknown?.Where(field => !IsLeftOut(field.Key, field.Value)).ToDictionary(),
        };
        return new Container(adopted, Adopt(spec, adopted, paths, layout), new ContainerState());
    }

    /// <summary>
    /// Fields of config.dump that hold paths of Podman's host. They are neither used nor handed on: in the archives of the restored
    /// container, Podman would act on them.
    /// </summary>
    internal static readonly IReadOnlyList<string> HostPaths =
    [
        "pid_file", "secretsPath", "baseHostsFile", "healthLogDestination", "seccomp_profile_path", "chroot_directories", "exitCommand",
    ];

    private static readonly IReadOnlyList<string> LeftOut =
    [
        .. HostPaths, "overlayVolumes", "ctrImageVolumes", "artifactVolumes", "secrets", "secret_env", "preserveFds", "preserveFd",
        "rootfs", "rootfs_overlay", "rootfs_mapping", "sdnotifySocket",
    ];

    /// <summary>The cgroup that all containers' cgroups are made in.</summary>
    public const string CgroupParent = "/stasis";

    /// <summary>Whether the value of a path's field is none, but a word with a meaning (healthLogDestination), or nothing at all.</summary>
    internal static bool IsNoPath(string value) => value is "" or "local" or "events_logger" or "none" or "image";

    private static bool IsLeftOut(string field, JsonElement value) =>
        LeftOut.Contains(field) && !(value.ValueKind == JsonValueKind.String && IsNoPath(value.GetString()!));

    private static OciSpec Adopt(OciSpec spec, ContainerConfig config, ContainerLayout paths, Layout layout)
    {
        return spec with
        {
            Root = spec.Root! with { Path = paths.Merged },
            Mounts = [.. (spec.Mounts ?? []).Select(mount => RestoredMountSources.Adopt(mount, config, paths, layout))],
            Annotations = spec.Annotations?.Where(a => !a.Key.StartsWith(Annotations.CriuConfig, StringComparison.Ordinal)).ToDictionary(),
            Linux = spec.Linux! with
            {
                CgroupsPath = $"{CgroupParent}/{config.Id}",
                Namespaces = [.. (spec.Linux.Namespaces ?? []).Select(AdoptNamespace)],
            },
        };

        OciNamespace AdoptNamespace(OciNamespace space) =>
            space.Type == "network" ? space with { Path = config.CreateNetNs ? paths.NetNs : null } : space;
    }

    /// <summary>Refuses what can't become a container here, before anything is created.</summary>
    public static void Validate(ContainerConfig config, OciSpec spec, string archive)
    {
        if (config.Pod is { Length: > 0 })
        {
            throw new StasisException($"cannot restore pod container {config.Name} from {archive}")
            {
                Remedy = "Stasis has no pods; restore it with podman container restore --pod.",
            };
        }
        if (config.Dependencies is { Count: > 0 } dependencies)
        {
            throw new StasisException(
                $"cannot import checkpoints of containers with dependencies: {config.Name} depends on {string.Join(", ", dependencies)}");
        }
        if (config.Id.Length != 64 || !config.Id.All(char.IsAsciiHexDigitLower))
            throw new ArchiveException(archive, ArchiveEntryNames.ConfigDump, $"the ID \"{config.Id}\" is not 64 hexadecimal digits");
        if (spec.Root is null || spec.Linux is null || spec.Process is null)
        {
            const string Why = "root, process or linux is missing: not the spec of a Linux container";
            throw new ArchiveException(archive, ArchiveEntryNames.SpecDump, Why);
        }
    }
}
