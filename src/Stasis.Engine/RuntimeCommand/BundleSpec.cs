using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Images.Namespaces;
using Stasis.Linux.Files;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// The spec that a bundle's container is restored by: the bundle's own, without the checkpoint's mount, and with private files and
/// folders where the checkpoint's container had something of its host's that this engine doesn't mount.
/// </summary>
/// <param name="Spec">The spec.</param>
/// <param name="PrivateMounts">The mounts whose sources are ours, to be made (<see cref="CreateSources"/>).</param>
internal sealed record BundleSpec(OciSpec Spec, IReadOnlyList<OciMount> PrivateMounts)
{
    // What else a bind's options say is about the former host's source.
    private static readonly string[] KeptOptions = ["ro", "rw", "nosuid", "nodev", "noexec", "private", "rprivate", "slave", "rslave"];

    /// <summary>Works it out.</summary>
    /// <param name="spec">The bundle's spec.</param>
    /// <param name="id">The container's ID.</param>
    /// <param name="dumped">The spec of the checkpoint's container.</param>
    /// <param name="mounts">The mounts in the checkpoint's images.</param>
    /// <param name="sources">The folder for private sources.</param>
    /// <param name="criuConfig">CRIU's configuration file, as the runtime sees it.</param>
    public static BundleSpec Create(
        OciSpec spec, string id, OciSpec dumped, IEnumerable<MountNode> mounts, string sources, string criuConfig)
    {
        List<OciMount> own = [.. (spec.Mounts ?? []).Where(mount => SpecMount.Clean(mount.Destination) != BundleCheckpoint.MountPoint)];
        var there = own.Select(mount => SpecMount.Clean(mount.Destination)).ToHashSet();
        List<OciMount> made = [];
        foreach (var mount in mounts.Where(mount => mount.Key == mount.Point && !there.Contains(mount.Point)))
        {
            if (dumped.Mounts?.FirstOrDefault(former => SpecMount.Clean(former.Destination) == mount.Point) is { } former
                && RestoredMountSources.IsBind(former))
                made.Add(MakePrivate(former, Path.Combine(sources, FormattableString.Invariant($"{made.Count}"))));
        }
        var annotations = new Dictionary<string, string>(spec.Annotations ?? new Dictionary<string, string>())
        {
            [Annotations.CriuConfig] = criuConfig,
        };
        var linux = (spec.Linux ?? new OciLinux()) with
        {
            CgroupsPath = spec.Linux?.CgroupsPath is { Length: > 0 } path ? path : "/" + id,
        };
        return new BundleSpec(spec with { Mounts = [.. own, .. made], Annotations = annotations, Linux = linux }, made);
    }

    /// <summary>Makes the private sources, empty: a file where the root file system or Podman has one, else a folder.</summary>
    /// <param name="root">Where the root file system is mounted, with the checkpoint's files.</param>
    public void CreateSources(string root)
    {
        using var rooted = RootedPath.Open(root);
        foreach (var mount in PrivateMounts)
        {
            var isFolder = rooted.Stat(mount.Destination)?.IsDirectory ?? !EtcFiles.Paths.Contains(mount.Destination);
            if (isFolder)
                PrivateDirectory.Create(mount.Source!);
            else
                AtomicFile.Write(mount.Source!, [], mode: 0x1A4 /* 0644 */, durable: false);
        }
    }

    private static OciMount MakePrivate(OciMount former, string source) => new()
    {
        Destination = former.Destination,
        Type = "bind",
        Source = source,
        Options = ["bind", .. (former.Options ?? []).Where(KeptOptions.Contains)],
    };
}
