using Stasis.Engine.Containers.Create;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers.Adoption;

/// <summary>
/// The mounts of a restored container. What the engine itself puts into every container is bound from our own layout; of all other binds
/// the source is the archive's, and the import policy decides whether it may be.
/// </summary>
internal static class RestoredMountSources
{
    /// <summary>Runtimes go by the options as well as by the type: a tmpfs with "rbind" is a bind.</summary>
    public static bool IsBind(OciMount mount) => mount.Type == "bind" || mount.Options?.Any(option => option is "bind" or "rbind") == true;

    /// <summary>Whether a mount is bound from our own layout, whatever source the archive gives.</summary>
    public static bool IsEngineMount(OciMount mount, ContainerConfig config) => IsBind(mount)
        && (mount.Destination == "/dev/shm" || EtcFile(mount) is not null || IsInit(mount) || FindVolume(mount, config) is not null);

    /// <summary>The named volume that is mounted there, or null.</summary>
    public static NamedVolume? FindVolume(OciMount mount, ContainerConfig config) =>
        config.NamedVolumes?.FirstOrDefault(volume => volume.Destination == mount.Destination);

    /// <summary>The mount with this host's source, if it is bound from our own layout; otherwise as it is.</summary>
    public static OciMount Adopt(OciMount mount, ContainerConfig config, ContainerLayout paths, Layout layout)
    {
        if (!IsEngineMount(mount, config))
            return mount;
        var source = mount.Destination == "/dev/shm" ? paths.Shm
            : EtcFile(mount) is { } file ? paths.EtcFile(file)
            : IsInit(mount) ? ContainerSpecMounts.FindInit()
            : layout.Volume(FindVolume(mount, config)!.Name);
        return mount with { Type = "bind", Source = source };
    }

    // Files that the engine provides, by where they are in the container (Podman binds the same ones).
    private static string? EtcFile(OciMount mount)
    {
        if (mount.Destination == IdentityFile.Folder)
            return mount.IsReadOnly ? IdentityFile.Source : null;
        return EtcFiles.BoundOrPodmans.Where(file => file.Destination == mount.Destination).Select(file => file.Name).FirstOrDefault();
    }

    // A program of this host, so read-only or not at all.
    private static bool IsInit(OciMount mount) => mount.Destination == ContainerSpecMounts.InitPath && mount.IsReadOnly;
}
