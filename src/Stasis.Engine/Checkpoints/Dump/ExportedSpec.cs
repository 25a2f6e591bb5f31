using Stasis.Engine.Containers.Files;
using Stasis.Engine.Model;
using Stasis.Engine.Oci.Spec;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>A container's spec as it goes into an archive.</summary>
internal static class ExportedSpec
{
    /// <summary>Where Podman keeps a named volume, unless storage.conf says otherwise.</summary>
    private static string PodmanVolume(string name) => $"/var/lib/containers/storage/volumes/{name}/_data";

    /// <summary>A folder that every host has and that is always empty (fs/proc/proc_tty.c): what Podman can bind where Stasis has the identity of a copy.</summary>
    private const string EmptyFolder = "/proc/tty/ldisc";

    /// <summary>
    /// Named volumes' sources are those of Podman's volumes: Podman 5.8 makes an archive's volumes anew by their names, but has the runtime mount what
    /// spec.dump says. A restore by Stasis goes by the names alone.
    /// </summary>
    public static OciSpec Create(Container container)
    {
        var volumes = (container.Config.NamedVolumes ?? []).ToDictionary(volume => volume.Destination, volume => volume.Name);
        return container.Spec with
        {
            Mounts = container.Spec.Mounts?.Select(mount => (mount.Type, mount.Destination) switch
            {
                ("bind", ContainerIdentity.Folder) => mount with { Source = EmptyFolder },
                ("bind", _) when volumes.TryGetValue(mount.Destination, out var name) => mount with { Source = PodmanVolume(name) },
                _ => mount,
            }).ToList(),
        };
    }
}
