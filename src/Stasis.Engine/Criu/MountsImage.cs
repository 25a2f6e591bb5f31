using Stasis.Engine.Criu.Images;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Criu;

/// <summary>The mounts of a mount namespace: mountpoints-N.img.</summary>
internal static class MountsImage
{
    private const uint SlaveFlag = 1 << 19, SharedFlag = 1 << 20; // MS_SLAVE, MS_SHARED

    private static readonly ImageKind Kind = ImageKind.Get("mountpoints-");
    private static readonly string[] Private = ["private", "rprivate"], Passing = ["shared", "rshared", "slave", "rslave"];

    /// <summary>
    /// Makes binds private whose propagation the spec leaves open. Their source may be shared on the host that the dump was made on (as
    /// systemd makes it), and Docker's volumes are then its slaves; a restore has another host.
    /// </summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="spec">The container's spec.</param>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public static void MakePrivate(string images, OciSpec spec)
    {
        var open = (spec.Mounts ?? []).Where(mount => mount.Type == "bind" && mount.Options?.Any(IsPropagation) != true)
            .Select(mount => mount.Destination).ToHashSet();
        if (open.Count == 0)
            return;
        foreach (var path in Directory.EnumerateFiles(images, "mountpoints-*.img"))
        {
            var mounts = LocalImageFile.Read(path, Kind);
            if (mounts.Any(HasPropagation))
                LocalImageFile.Write(path, Kind, [.. mounts.Select(mount => HasPropagation(mount) ? WithoutPropagation(mount) : mount)]);
        }

        bool HasPropagation(ImageRecord mount) =>
            (mount.U32("shared_id") | mount.U32("master_id")) != 0 && open.Contains(mount.Text("mountpoint").TrimStart('.'));
    }

    private static bool IsPropagation(string option) => Private.Contains(option) || Passing.Contains(option);

    private static ImageRecord WithoutPropagation(ImageRecord mount) =>
        mount.Without("shared_id").Without("master_id").With("flags", mount.U32("flags") & ~(SharedFlag | SlaveFlag));
}
