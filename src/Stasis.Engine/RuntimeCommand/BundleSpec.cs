using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeCommand.Mounts;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Images.Namespaces;
using Stasis.Linux.Files;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// The spec that a bundle's container is restored by: the bundle's own, without the checkpoint's mount, and with what the checkpoint's
/// container had mounted, masked or read-only beyond it, as its processes may use it. Nothing of that is the host's: for a bind there is a
/// private file or folder.
/// </summary>
/// <param name="Spec">The spec.</param>
/// <param name="PrivateMounts">The mounts whose sources are ours, to be made (<see cref="CreateSources"/>).</param>
internal sealed record BundleSpec(OciSpec Spec, IReadOnlyList<OciMount> PrivateMounts)
{
    // What else a bind's options say is about the former host's source.
    private static readonly string[] KeptOptions = ["ro", "rw", "nosuid", "nodev", "noexec", "private", "rprivate", "slave", "rslave"];

    /// <summary>Paths that a restored container has of its own.</summary>
    /// <param name="Sources">The folder for private sources.</param>
    /// <param name="Network">The network namespace, if the engine has none for it.</param>
    /// <param name="CriuConfig">CRIU's configuration file, as the runtime sees it.</param>
    internal sealed record OwnPaths(string Sources, string Network, string CriuConfig);

    /// <summary>Works it out.</summary>
    /// <param name="spec">The bundle's spec.</param>
    /// <param name="id">The container's ID.</param>
    /// <param name="dumped">The spec of the checkpoint's container.</param>
    /// <param name="mounts">The mounts in the checkpoint's images.</param>
    /// <param name="points">Finds out where the bundle's mounts are.</param>
    /// <param name="own">What of it is ours.</param>
    public static BundleSpec Create(
        OciSpec spec,
        string id,
        OciSpec dumped,
        IReadOnlyList<MountNode> mounts,
        MountPointResolver points,
        OwnPaths own)
    {
        var had = mounts.Select(mount => mount.Point).ToHashSet();
        List<OciMount> given =
        [
            .. (spec.Mounts ?? []).Where(mount => SpecMount.Clean(mount.Destination) != BundleCheckpoint.MountPoint)
                // CRIU can't make hierarchies that the images don't have.
                .Where(mount => mount.Type is not ("cgroup" or "cgroup2") || had.Contains(SpecMount.Clean(mount.Destination))),
        ];
        var there = given.Select(mount => points.Resolve(mount.Destination)).ToHashSet();
        var formers = new Dictionary<string, OciMount>();
        foreach (var former in dumped.Mounts ?? [])
            formers[SpecMount.Clean(former.Destination)] = former; // the last mount is on top
        List<OciMount> kept = [], made = [];
        foreach (var mount in mounts.Where(mount => !mount.IsRoot && !there.Contains(mount.Point)))
        {
            if (!formers.TryGetValue(mount.Point, out var former))
                continue;
            if (RestoredMountSources.IsBind(former) && mount.Key == mount.Point)
            {
                made.Add(MakePrivate(former, Path.Combine(own.Sources, FormattableString.Invariant($"{made.Count}"))));
                points.AddPrivate(mount.Point, isFile: EtcFiles.Paths.Contains(mount.Point));
            }
            else if (!RestoredMountSources.IsBind(former) && IsHarmless(former))
                kept.Add(Restrict(former));
        }
        var annotations = new Dictionary<string, string>(spec.Annotations ?? new Dictionary<string, string>())
        {
            [Annotations.CriuConfig] = own.CriuConfig,
        };
        var linux = spec.Linux ?? new OciLinux();
        linux = linux with
        {
            CgroupsPath = linux.CgroupsPath is { Length: > 0 } path ? path : "/" + id,
            MaskedPaths = [.. (linux.MaskedPaths ?? []).Union((dumped.Linux?.MaskedPaths ?? []).Where(had.Contains))],
            ReadonlyPaths = [.. (linux.ReadonlyPaths ?? []).Union((dumped.Linux?.ReadonlyPaths ?? []).Where(had.Contains))],
            Namespaces = [.. (linux.Namespaces ?? []).Select(space => IsOwnNetwork(space) ? space with { Path = own.Network } : space)],
        };
        // Parents first: the runtime makes mount points in this order.
        List<OciMount> all = [.. given, .. kept, .. made];
        return new BundleSpec(spec with { Mounts = all, Annotations = annotations, Linux = linux, Hooks = null }, made);
    }

    /// <summary>Whether a namespace is a network namespace that the runtime is to make.</summary>
    public static bool IsOwnNetwork(OciNamespace space) => space is { Type: "network", Path: null or "" };

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

    // tmpfs, mqueue and devpts belong to the container wherever they are. A second /proc or /sys would show, and let be written, what is
    // masked in the first. The image verifier refuses what isn't kept.
    private static bool IsHarmless(OciMount former) => (former.Type, SpecMount.Clean(former.Destination)) switch
    {
        ("tmpfs" or "mqueue" or "devpts", _) or ("proc", "/proc") => true,
        ("sysfs", "/sys") or ("cgroup" or "cgroup2", "/sys/fs/cgroup") => former.IsReadOnly,
        _ => false,
    };

    private static OciMount Restrict(OciMount former) => former with
    {
        Options = [.. former.Options ?? [], "nosuid", .. former.Destination == "/dev" ? (string[])[] : ["nodev"]],
    };

    private static OciMount MakePrivate(OciMount former, string source) => new()
    {
        Destination = former.Destination,
        Type = "bind",
        Source = source,
        Options = ["bind", .. (former.Options ?? []).Where(KeptOptions.Contains)],
    };
}
