using Stasis.Engine.Criu.Proto;

namespace Stasis.Engine.LazyPages.Memory;

/// <summary>An entry of a pagemap: a range of a task's pages, and where they are.</summary>
/// <param name="Address">Where in the task's memory, at the time of the dump.</param>
/// <param name="Count">Pages.</param>
/// <param name="Flags">See <see cref="PagemapFlags"/>.</param>
/// <param name="Offset">Where in the file, if they are there (<see cref="PagemapFlags.Present"/>).</param>
internal readonly record struct PagemapRange(ulong Address, int Count, PagemapFlags Flags, long Offset)
{
    public ulong End => Address + (ulong)Count * (ulong)Pagemap.PageSize;
}

/// <summary>criu/include/pagemap.h.</summary>
[Flags]
internal enum PagemapFlags
{
    None = 0,
    /// <summary>They are in the parent's images (PE_PARENT).</summary>
    Parent = 1,
    /// <summary>They may be supplied on demand; otherwise CRIU restores them itself (PE_LAZY).</summary>
    Lazy = 2,
    /// <summary>They are in this dump's file (PE_PRESENT).</summary>
    Present = 4,
}

/// <summary>Where a task's pages are.</summary>
internal sealed class Pagemap
{
    /// <summary>Bytes of a page.</summary>
    public static readonly int PageSize = Environment.SystemPageSize;

    private Pagemap(IReadOnlyList<PagemapRange> ranges, PagesFile file) => (Ranges, File) = (ranges, file);

    /// <summary>Its entries, by address.</summary>
    public IReadOnlyList<PagemapRange> Ranges { get; }

    /// <summary>Where the pages are that are present.</summary>
    public PagesFile File { get; }

    /// <summary>Checks and completes what an image says. CRIU before 3.0 left out the flags, before 4.0 the 64-bit count.</summary>
    public static Pagemap FromEntries(string path, IReadOnlyList<Criu.Proto.PagemapEntry> entries, PagesFile file)
    {
        var ranges = new List<PagemapRange>(entries.Count);
        var (offset, end) = (0L, 0UL);
        foreach (var entry in entries)
        {
            var count = entry.HasNrPages ? entry.NrPages : entry.CompatNrPages;
            var flags = (PagemapFlags)entry.Flags;
            if (entry.InParent)
                flags |= PagemapFlags.Parent;
            else if (!entry.HasFlags)
                flags = PagemapFlags.Present;
            if (entry.Vaddr % (ulong)PageSize != 0 || entry.Vaddr < end || count is 0 or > int.MaxValue || ulong.MaxValue - entry.Vaddr < count * (ulong)PageSize)
                throw new InvalidDataException($"{path}: pages at {entry.Vaddr:x} that can't be");
            var range = new PagemapRange(entry.Vaddr, (int)count, flags, offset);
            if (flags.HasFlag(PagemapFlags.Present))
                offset += (long)count * PageSize;
            if (offset > file.Length)
                throw new InvalidDataException($"{path}: pages at {entry.Vaddr:x} are beyond the end of their file");
            ranges.Add(range);
            end = range.End;
        }
        return new Pagemap(ranges, file);
    }

    /// <summary>The first entry that ends after an address; the number of entries if there is none.</summary>
    public int FirstAfter(ulong address)
    {
        var (low, high) = (0, Ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Ranges[middle].End <= address)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
