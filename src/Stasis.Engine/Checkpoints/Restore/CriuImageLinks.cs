using System.Net;
using Stasis.Engine.Archive;
using Stasis.Engine.Criu;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// A container's own folder of CRIU's images, in which hostname or addresses are its own. All other images in it are links to the store's,
/// which all copies share. A file is replaced, not changed: the store's, which is the same file, keeps its content.
/// </summary>
internal static class CriuImageLinks
{
    /// <summary>Makes the folder, if any image must be another than the store's.</summary>
    /// <param name="checkpoint">The checkpoint in the store.</param>
    /// <param name="paths">The container's paths.</param>
    /// <param name="hostname">Its hostname; null for that of the checkpoint.</param>
    /// <param name="addresses">The new address of each old one that has changed.</param>
    /// <returns>The folder that the container is restored from: its own, or the store's.</returns>
    public static string MakeIfNeeded(
        CheckpointEntryPaths checkpoint, ContainerLayout paths, string? hostname, IReadOnlyDictionary<IPAddress, IPAddress> addresses)
    {
        var hasMovedSocket = addresses.Count > 0 && FilesImage.HasSocketAt(checkpoint.Images, addresses);
        if (hostname is null && !hasMovedSocket)
            return checkpoint.Images;
        FileTree.Remove(paths.Images);
        var copy = new CheckpointEntryPaths(paths.Images);
        Link(checkpoint, copy);
        if (hostname is not null)
            ReplaceHostname(copy.Images, hostname);
        if (hasMovedSocket)
            FilesImage.MoveSockets(copy.Images, addresses);
        return copy.Images;
    }

    /// <summary>Links all images into another folder.</summary>
    internal static void Link(CheckpointEntryPaths checkpoint, CheckpointEntryPaths copy)
    {
        Link(checkpoint.Images, copy.Images);
        if (Directory.Exists(checkpoint.PreImages))
            Link(checkpoint.PreImages, copy.PreImages);
    }

    /// <summary>Puts a hostname into the images of UTS namespaces.</summary>
    internal static void ReplaceHostname(string images, string hostname)
    {
        foreach (var path in Directory.EnumerateFiles(images, "utsns-*.img"))
            UtsImage.Read(path)?.WithNodename(hostname).Write(path);
    }

    private static void Link(string from, string to)
    {
        PrivateDirectory.Create(to);
        FileTree.LinkFiles(from, to);
    }
}
