using Stasis.Engine.Criu;

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

    /// <summary>Checks the entries of an image, and finds where in the file their pages are.</summary>
    /// <param name="path">The image's path, for messages.</param>
    /// <param name="image">The image.</param>
    /// <param name="file">The pages-N.img that it names.</param>
    /// <exception cref="InvalidDataException">Entries are not page-aligned or overlap, or their pages are beyond the end of the file.</exception>
    public static Pagemap FromImage(string path, PagemapImage image, PagesFile file)
    {
        var ranges = new List<PagemapRange>(image.Entries.Count);
        var (offset, end) = (0L, 0UL);
        foreach (var (address, count, flags) in image.Entries)
        {
            if (address % (ulong)PageSize != 0 || address < end || count is 0 or > int.MaxValue || ulong.MaxValue - address < count * (ulong)PageSize)
                throw new InvalidDataException($"{path}: the entry for the pages at {address:x} is invalid: not page-aligned, overlapping or empty");
            var range = new PagemapRange(address, (int)count, flags, offset);
            if (flags.HasFlag(PagemapFlags.Present))
                offset += (long)count * PageSize;
            if (offset > file.Length)
                throw new InvalidDataException($"{path}: pages at {address:x} are beyond the end of their file");
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
