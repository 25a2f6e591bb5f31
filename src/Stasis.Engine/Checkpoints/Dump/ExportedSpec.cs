using System.Text.Json;
using Stasis.Engine.Archive;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>A container's config and spec as they go into an archive.</summary>
internal static class ExportedSpec
{
    /// <summary>
    /// A folder that every host has and that is always empty (fs/proc/proc_tty.c): Podman can bind it where Stasis binds a copy's
    /// identity.
    /// </summary>
    private const string EmptyFolder = "/proc/tty/ldisc";

    /// <summary>Writes config.dump and spec.dump.</summary>
    /// <param name="container">The container.</param>
    /// <param name="nested">What its binds bring along (<see cref="NestedMounts"/>).</param>
    /// <param name="dump">Where to.</param>
    public static void WriteConfigAndSpec(Container container, IReadOnlyList<OciMount> nested, CheckpointEntryPaths dump)
    {
        var config = JsonSerializer.SerializeToUtf8Bytes(container.Config, EngineJson.Default.ContainerConfig);
        var spec = JsonSerializer.SerializeToUtf8Bytes(NestedMounts.Add(Create(container), nested), EngineJson.Default.OciSpec);
        AtomicFile.Write(dump.ConfigDump, config, durable: false);
        AtomicFile.Write(dump.SpecDump, spec, durable: false);
    }

    /// <summary>
    /// Creates the spec to export. The sources of named volumes are those of Podman's volumes: Podman 5.8 creates an archive's
    /// volumes by their names, but has the runtime mount the sources in spec.dump. A restore by Stasis uses the names alone.
    /// </summary>
    public static OciSpec Create(Container container)
    {
        var volumes = (container.Config.NamedVolumes ?? []).ToDictionary(volume => volume.Destination, volume => volume.Name);
        return container.Spec with
        {
            Mounts = container.Spec.Mounts?.Select(mount => (mount.Type, mount.Destination) switch
            {
                ("bind", IdentityFile.Folder) => mount with { Source = EmptyFolder },
                ("bind", _) when volumes.TryGetValue(mount.Destination, out var name) => mount with { Source = GetPodmanVolume(name) },
                _ => mount,
            }).ToList(),
        };
    }

    // Where Podman keeps a named volume, unless storage.conf says otherwise.
    private static string GetPodmanVolume(string name) => $"/var/lib/containers/storage/volumes/{name}/_data";
}
