using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Criu;

/// <summary>
/// The namespaces of a task: ids-N.img. CRIU restores all tasks into the time namespace of the first one (criu/timens.c), and refuses
/// images in which they have others. runc 1.1's exec starts processes in the host's, beside those of a restored container.
/// </summary>
internal static class TaskIdsImage
{
    private const string TimeNamespace = "time_ns_id";
    private static readonly ImageKind Kind = ImageKind.Get("ids-");

    /// <summary>Puts all tasks of a checkpoint into the time namespace of the first one.</summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public static void UnifyTimeNamespace(string images)
    {
        var tree = ImageKind.Get("pstree");
        if (LocalImageFile.TryReadFirst(Path.Combine(images, tree.TheFile), tree) is not { } first
            || TryRead(images, first.U32("pid")) is not { } own || !own.Has(TimeNamespace))
            return;
        foreach (var path in Directory.EnumerateFiles(images, "ids-*.img"))
        {
            if (LocalImageFile.TryReadFirst(path, Kind) is { } ids
                && ids.Has(TimeNamespace) && ids.U32(TimeNamespace) != own.U32(TimeNamespace))
                LocalImageFile.Write(path, Kind, ids.With(TimeNamespace, own.U32(TimeNamespace)));
        }
    }

    private static ImageRecord? TryRead(string images, uint pid) => LocalImageFile.TryReadFirst(Path.Combine(images, Kind.File(pid)), Kind);
}
