using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Images;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// A bundle's own copy of a checkpoint's images, fitted to the bundle: CRIU gives the processes what the images say, and the runtime
/// applies nothing of the spec's user, capabilities and limits when it restores. Nothing becomes more than it was.
/// </summary>
internal static class BundleImages
{
    private static readonly ImageKind Core = ImageKind.Get("core-"), Mounts = ImageKind.Get("mountpoints-"), Tree = ImageKind.Get("pstree");

    /// <summary>The mounts in images.</summary>
    public static IReadOnlyList<MountNode> ReadMounts(string images) =>
    [
        .. Directory.EnumerateFiles(images, "mountpoints-*.img")
            .SelectMany(path => LocalImageFile.Read(path, Mounts))
            .Select(record => MountNode.FromRecord(record, 0, "")),
    ];

    /// <summary>Links all images into a folder of their own, and fits those that a bundle has a say in.</summary>
    /// <param name="checkpoint">The checkpoint's files, which stay as they are.</param>
    /// <param name="copy">The folder for the images.</param>
    /// <param name="spec">The spec that the container is restored by.</param>
    /// <param name="title">What messages call the checkpoint.</param>
    /// <exception cref="StasisException">The checkpoint's container ran as another user.</exception>
    public static void Fit(CheckpointEntryPaths checkpoint, CheckpointEntryPaths copy, OciSpec spec, string title)
    {
        CriuImageLinks.Link(checkpoint, copy);
        RequireUser(copy.Images, spec, title);
        var ownsNames = spec.Linux?.Namespaces?.Any(space => space is { Type: "uts", Path: null or "" }) == true;
        if (ownsNames && spec.Hostname is { Length: > 0 } hostname)
            CriuImageLinks.ReplaceHostname(copy.Images, hostname);
        var confinement = new CoreConfinement(spec);
        foreach (var path in Directory.EnumerateFiles(copy.Images, "core-*.img"))
        {
            if (LocalImageFile.TryReadFirst(path, Core) is { } core)
                LocalImageFile.Write(path, Core, confinement.Apply(core));
        }
    }

    private static void RequireUser(string images, OciSpec spec, string title)
    {
        if (LocalImageFile.TryReadFirst(Path.Combine(images, Tree.TheFile), Tree) is not { } first
            || LocalImageFile.TryReadFirst(Path.Combine(images, Core.File(first.U32("pid"))), Core)?.Child("thread_core")?.Child("creds")
                is not { } credentials)
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
