using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Criu;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeCommand.Mounts;
using Stasis.Engine.RuntimeCommand.Seccomp;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// A bundle's own copy of a checkpoint's images, fitted to the bundle: CRIU gives the processes what the images say, and the runtime
/// applies nothing of the spec's user, capabilities, limits, mounts and filters when it restores. Nothing becomes more than the bundle
/// says.
/// </summary>
/// <param name="checkpoint">The checkpoint's files, which stay as they are.</param>
/// <param name="copy">The folder for the images.</param>
/// <param name="title">What messages call the checkpoint.</param>
internal sealed class BundleImages(CheckpointEntryPaths checkpoint, CheckpointEntryPaths copy, string title)
{
    private static readonly ImageKind Core = ImageKind.Get("core-"), Tree = ImageKind.Get("pstree");

    /// <summary>
    /// The content of the checkpoint's /dev/shm, a tar with gzip. The file is there only if that was a file system in memory and the bundle
    /// binds a folder in its place.
    /// </summary>
    /// <param name="copy">The folder for the images.</param>
    public static string FreedShm(CheckpointEntryPaths copy) => Path.Combine(copy.Path, "freed-shm.tar.gz");

    /// <summary>Links all images into the folder, and fits those that a bundle has a say in.</summary>
    /// <param name="spec">The spec that the container is restored by.</param>
    /// <param name="dumped">The spec of the checkpoint's container.</param>
    /// <param name="points">Finds out where the spec's mounts are.</param>
    /// <exception cref="StasisException">
    /// The checkpoint's container ran as another user, or the spec has what can't be restored.
    /// </exception>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public void Fit(OciSpec spec, OciSpec dumped, MountPointResolver points)
    {
        CriuImageLinks.Link(checkpoint, copy);
        RequireUser(spec);
        var ownsNames = spec.Linux?.Namespaces?.Any(space => space is { Type: "uts", Path: null or "" }) == true;
        if (ownsNames && spec.Hostname is { Length: > 0 } hostname)
            CriuImageLinks.ReplaceHostname(copy.Images, hostname);
        if (spec.Linux?.Namespaces?.Any(space => space is { Type: "network", Path.Length: > 0 }) == true)
            NetworkImage.MakeExternal(copy.Images);
        if (MountImage.Find(copy.Images) is { } mounts)
            MountImage.Fit(copy.Images, mounts, spec, points, File.Exists(checkpoint.DevShm) ? checkpoint.DevShm : null, FreedShm(copy));
        CgroupSettingsImage.DropSettings(copy.Images);
        FilesImage.SetModes(copy.Images, points.ReadModes());
        var confinement = new CoreConfinement(spec);
        foreach (var path in Directory.EnumerateFiles(copy.Images, "core-*.img"))
        {
            if (LocalImageFile.TryReadFirst(path, Core) is { } core)
                LocalImageFile.Write(path, Core, confinement.Apply(core));
        }
        if (spec.Linux?.Seccomp is { } profile)
            new SeccompImage(copy.Images).Fit(Compile(profile), dumped.Linux?.Seccomp);
    }

    private static byte[] Compile(OciSeccomp profile)
    {
        try
        {
            return SeccompCompiler.Compile(profile);
        }
        catch (InvalidDataException e)
        {
            throw new StasisException($"the container's seccomp profile: {e.Message}", e) { Remedy = "run the container with another one" };
        }
    }

    private void RequireUser(OciSpec spec)
    {
        if (LocalImageFile.TryReadFirst(Path.Combine(copy.Images, Tree.TheFile), Tree) is not { } first
            || LocalImageFile.TryReadFirst(Path.Combine(copy.Images, Core.File(first.U32("pid"))), Core)?.Child("thread_core")
                ?.Child("creds") is not { } credentials)
            return; // the verifier says that they are missing
        var (user, wanted) = (credentials.U32("uid"), spec.Process?.User?.Uid ?? 0);
        if (user == wanted)
            return;
        throw new StasisException($"{title}: its first process runs as user {user}, and the container is to run as {wanted}")
        {
            Remedy = $"run the container as user {user}, or make the checkpoint of one that runs as {wanted}",
        };
    }
}
