using Stasis.Engine.Archive;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Engine.Vetting.Images.Namespaces;
using Stasis.Linux.Files;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// The volumes of a checkpoint, whose content goes into what the bundle has mounted in their places: into folders that are empty. Processes
/// that go on with other files than they had would do harm, so anything else has to be asked for.
/// </summary>
internal sealed class BundleVolumes
{
    /// <summary>The annotation that says what becomes of volumes that can't be filled: <see cref="Keep"/>.</summary>
    public const string Annotation = "dev.stasis.volumes";

    /// <summary>They stay as they are, without the checkpoint's content.</summary>
    public const string Keep = "keep";

    private readonly IReadOnlyList<VolumeFiller> _volumes;

    private BundleVolumes(IReadOnlyList<VolumeFiller> volumes) => _volumes = volumes;

    /// <summary>Finds the mounts.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="config">Its config.dump.</param>
    /// <param name="spec">The bundle's spec.</param>
    /// <param name="layout">Stasis's paths, for marks of what isn't finished.</param>
    /// <param name="title">What messages call the checkpoint.</param>
    /// <exception cref="StasisException">
    /// The bundle has none in the place of a volume that has content, or one that can't be filled, or the annotation has another value.
    /// </exception>
    public static BundleVolumes Find(CheckpointEntryPaths checkpoint, ContainerConfig config, OciSpec spec, Layout layout, string title)
    {
        var policy = spec.Annotations?.GetValueOrDefault(Annotation);
        if (policy is not (null or Keep))
            throw new StasisException($"annotation {Annotation}: \"{policy}\" isn't {Keep}");
        List<VolumeFiller> found = [];
        foreach (var volume in config.NamedVolumes ?? [])
        {
            var (tar, point) = (checkpoint.Volume(volume.Name), volume.Destination);
            if (!File.Exists(tar))
                continue;
            var mount = (spec.Mounts ?? []).LastOrDefault(mount =>
                SpecMount.Clean(mount.Destination) == SpecMount.Clean(point) && RestoredMountSources.IsBind(mount));
            var folder = mount?.Source is { } source ? RealPath.TryResolve(source) : null;
            var filler = folder is not null && Directory.Exists(folder)
                ? new VolumeFiller(tar, folder, layout, MayGivePrivileges(spec)) : null;
            var obstacle = folder is null ? "nothing is mounted there"
                : mount!.IsReadOnly ? "what is mounted there is read-only"
                : filler is null ? "what is mounted there is no folder"
                : filler.IsInUse() ? "what is mounted there isn't empty"
                : null;
            if (obstacle is null)
                found.Add(filler!);
            else if (policy is null)
                throw Refuse(title, volume, obstacle);
        }
        return new BundleVolumes(found);
    }

    /// <summary>Fills the mounts.</summary>
    /// <param name="cancellation">If cancelled, the next call begins anew.</param>
    /// <exception cref="StasisException">A folder is being filled by another restore, or has other files by now.</exception>
    /// <exception cref="IOException">A folder can't be written to.</exception>
    public void Fill(CancellationToken cancellation)
    {
        foreach (var volume in _volumes)
            volume.Fill(cancellation);
    }

    private static bool MayGivePrivileges(OciSpec spec) =>
        spec.Process is { User.Uid: 0, Capabilities.Bounding: { } bounding }
        && bounding.Contains("CAP_FSETID") && bounding.Contains("CAP_SETFCAP");

    private static StasisException Refuse(string title, NamedVolume volume, string obstacle) =>
        new($"{title} has the content of volume {volume.Name} at {volume.Destination}, and {obstacle}")
        {
            Remedy = $"mount an empty volume there (of Docker, with nocopy: it fills a new one from the image), or set the annotation "
                + $"{Annotation}={Keep} to go on with what is there",
        };
}
