using System.Text;
using Stasis.Engine.Archive;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Images;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// Files that have to be one to all processes of a copy from its first instant on. overlayfs copies a file of a lower layer up when it is
/// first opened to be written, and who has mapped it by then goes on seeing the lower one.
/// </summary>
internal static class CopyUpFiles
{
    private const uint FileShared = 1 << 7; // criu/include/image.h: VMA_FILE_SHARED
    private const uint AccessMode = 3;      // O_ACCMODE; 0 is O_RDONLY

    /// <summary>
    /// Paths in the container, without the first slash, one character for each byte: of what is mapped shared, since it may be opened to
    /// be written later, and of what is open for that already, which CRIU would have copied up anyway.
    /// </summary>
    public static IReadOnlySet<string> Find(CheckpointEntryPaths checkpoint)
    {
        var images = new ImageDirectory(new DirectoryImageFileSource(checkpoint.Images), Archive.ArchiveEntryNames.Checkpoint);
        var mapped = images.Files().Where(file => file.StartsWith("mm-", StringComparison.Ordinal))
            .SelectMany(file => images.One(file) is { } memory ? memory.Children("vmas") : [])
            .Where(mapping => (mapping.U32("status") & FileShared) != 0)
            .Select(mapping => (uint)mapping.Number("shmid"))
            .ToHashSet();
        return images.Read(ImageKind.Get("files").TheFile)
            .Where(entry => entry.U32("type") == OpenFile.Regular)
            .Select(entry => entry.Child("reg")).OfType<ImageRecord>()
            .Where(file => (file.U32("flags") & AccessMode) != 0 || mapped.Contains(file.U32("id")))
            .Select(file => Encoding.Latin1.GetString(file.Bytes("name").Span).TrimStart('/'))
            .ToHashSet();
    }
}
