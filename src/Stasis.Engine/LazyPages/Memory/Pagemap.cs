using Stasis.Engine.Criu;

namespace Stasis.Engine.LazyPages.Memory;

/// <summary>A range of a task's pages, and where they are.</summary>
/// <param name="Address">Address of the first page at the time of the dump.</param>
/// <param name="Count">How many pages.</param>
/// <param name="Flags">Where they are.</param>
/// <param name="Offset">Offset of the first page in the file, if the pages are <see cref="PagemapFlags.Present"/>.</param>
internal readonly record struct PagemapRange(ulong Address, int Count, PagemapFlags Flags, long Offset)
{
    public ulong End => Address + (ulong)Count * (ulong)Pagemap.PageSize;
}

/// <summary>A task's pagemap: where its pages are.</summary>
internal sealed class Pagemap
{
    /// <summary>Bytes in a page.</summary>
    public static readonly int PageSize = Environment.SystemPageSize;

    private Pagemap(IReadOnlyList<PagemapRange> ranges, PagesFile file) => (Ranges, File) = (ranges, file);

    /// <summary>All ranges, by address.</summary>
    public IReadOnlyList<PagemapRange> Ranges { get; }

    /// <summary>The file of the pages that are <see cref="PagemapFlags.Present"/>.</summary>
    public PagesFile File { get; }

    /// <summary>Checks the entries of an image, and finds where in the file their pages are.</summary>
    /// <param name="path">The image's path, for messages.</param>
    /// <param name="image">The image.</param>
    /// <param name="file">The pages-N.img that it names.</param>
    /// <exception cref="InvalidDataException">
    /// Entries are not page-aligned or overlap, or their pages are beyond the end of the file.
    /// </exception>
    public static Pagemap FromImage(string path, PagemapImage image, PagesFile file)
    {
        var ranges = new List<PagemapRange>(image.Entries.Count);
        var (offset, end) = (0L, 0UL);
        foreach (var (address, count, flags) in image.Entries)
        {
            if (address % (ulong)PageSize != 0 || address < end)
                throw new InvalidDataException($"{path}: the entry for the pages at {address:x} is not page-aligned, or overlaps another");
            if (count is 0 or > int.MaxValue || ulong.MaxValue - address < count * (ulong)PageSize)
                throw new InvalidDataException($"{path}: the entry for the pages at {address:x} has an invalid count of {count}");
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

    /// <summary>Index of the first range that ends after an address; the number of ranges if there is none.</summary>
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
