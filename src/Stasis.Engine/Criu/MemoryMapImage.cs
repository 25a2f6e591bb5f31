using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Criu;

/// <summary>A mapping of a task (vma_entry).</summary>
/// <param name="Start">Its first byte in the task's memory.</param>
/// <param name="End">The byte after its last one.</param>
/// <param name="Advice">A bit for each advice of madvise(2) that it was given: 1 &lt;&lt; MADV_….</param>
internal readonly record struct MemoryMapping(ulong Start, ulong End, ulong Advice);

/// <summary>A task's mappings: mm-N.img.</summary>
internal static class MemoryMapImage
{
    /// <summary>Reads the mappings of an image.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or not of that kind.</exception>
    public static List<MemoryMapping> Read(string path) =>
    [
        .. ImageFile.Read(path, ImageKind.Get("mm-"))[0].Children("vmas")
            .Select(vma => new MemoryMapping(vma.Number("start"), vma.Number("end"), vma.Number("madv"))),
    ];
}
