using Stasis.Engine.Containers;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Errors;
using Stasis.Linux.Network;

namespace Stasis.Engine.Checkpoints.Dump.Names;

/// <summary>
/// Files in CRIU's images get the names that they have. CRIU takes the names under which they were opened or bound, even if these were
/// deleted since and others are left.
/// </summary>
internal static class CurrentNameRewriter
{
    private static readonly ImageKind Files = ImageKind.Get("files");

    /// <summary>Changes the images of a container whose processes are frozen.</summary>
    /// <param name="locked">The container.</param>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="cancellation">Ends the search for names.</param>
    /// <exception cref="StasisException">A file is open that has no name within the container.</exception>
    public static void Record(LockedContainer locked, string images, CancellationToken cancellation)
    {
        var path = Path.Combine(images, Files.TheFile);
        var bound = UnixSocketTable.Read(FormattableString.Invariant($"/proc/{locked.State.Pid}/ns/net"))
            .Where(socket => socket.HasPath).DistinctBy(socket => socket.Inode).ToDictionary(socket => socket.Inode);
        var hasLinked = LinkRemapNames.Any(images);
        if ((bound.Count == 0 && !hasLinked) || !File.Exists(path))
            return;
        var files = LocalImageFile.Read(path, Files);
        var before = files.ToList();
        using var search = new FileSearch(locked, images, cancellation);
        if (hasLinked)
            LinkRemapNames.Rename(locked, images, files, search);
        foreach (var socket in RenamedSockets.Rename(files, bound, search))
            locked.Engine.Warn(
                $"container {locked.Container.Name}: the Unix socket {socket} has further names, which a restored container has not");
        if (!files.SequenceEqual(before))
            LocalImageFile.Write(path, Files, files);
    }
}
