using Stasis.Engine.Archive;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// A new hostname for a restored container: it lies in CRIU's images, since the processes' UTS namespace is restored from them.
/// </summary>
internal static class RestoredHostname
{
    private const int Longest = 64; // HOST_NAME_MAX

    /// <summary>Requires that a hostname, if there is one, is valid.</summary>
    /// <exception cref="StasisException">It isn't.</exception>
    public static void Validate(string? hostname)
    {
        if (hostname is not null && !IsValid(hostname))
            throw new StasisException($"invalid hostname \"{hostname}\": it must have at most {Longest} characters of [a-zA-Z0-9._-]");
    }

    /// <summary>Whether a hostname is valid.</summary>
    public static bool IsValid(string hostname) =>
        hostname.Length is > 0 and <= Longest && hostname.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');

    /// <summary>The container with that hostname in its spec.</summary>
    public static Container Apply(Container container, string hostname) =>
        container with { Spec = container.Spec with { Hostname = hostname } };

    /// <summary>
    /// Makes a folder of images with the hostname, for this container. All other images in it are links to the store's, which all copies
    /// share.
    /// </summary>
    public static string Write(CheckpointFolder checkpoint, ContainerLayout paths, string hostname)
    {
        FileTree.Remove(paths.Images);
        var copy = new CheckpointFolder(paths.Images);
        Link(checkpoint.Images, copy.Images);
        if (Directory.Exists(checkpoint.PreImages))
            Link(checkpoint.PreImages, copy.PreImages);
        Replace(copy.Images, hostname);
        return copy.Images;
    }

    private static void Link(string from, string to)
    {
        PrivateDirectory.Create(to);
        foreach (var file in Directory.EnumerateFiles(from))
            FileTree.Link(file, Path.Combine(to, Path.GetFileName(file)));
    }

    // A file is replaced, not changed: the store's, which is the same file, keeps its content.
    internal static void Replace(string images, string hostname)
    {
        foreach (var path in Directory.EnumerateFiles(images, "utsns-*.img"))
            UtsImage.Read(path)?.WithNodename(hostname).Write(path);
    }
}
