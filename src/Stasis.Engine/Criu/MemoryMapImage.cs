using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Criu;

/// <summary>A mapping of a task (vma_entry).</summary>
/// <param name="Start">Its first byte in the task's memory.</param>
/// <param name="End">The byte after its last one.</param>
/// <param name="Flags">Flags of mmap(2).</param>
/// <param name="Advice">A bit for each advice of madvise(2) that it was given: 1 &lt;&lt; MADV_….</param>
internal readonly record struct MemoryMapping(ulong Start, ulong End, ulong Flags, ulong Advice)
{
    private const ulong Private = 0x2, Anonymous = 0x20, NoReserve = 0x4000; // MAP_…

    /// <summary>Whether the kernel counts its size as used memory, if it is writable.</summary>
    public bool IsCounted => (Flags & (Private | Anonymous | NoReserve)) == (Private | Anonymous);
}

/// <summary>A task's mappings: mm-N.img.</summary>
internal static class MemoryMapImage
{
    /// <summary>Reads the mappings of an image.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or not of that kind.</exception>
    public static List<MemoryMapping> Read(string path) =>
    [
        .. LocalImageFile.Read(path, ImageKind.Get("mm-"))[0].Children("vmas")
            .Select(vma => new MemoryMapping(vma.Number("start"), vma.Number("end"), vma.Number("flags"), vma.Number("madv"))),
    ];
}
