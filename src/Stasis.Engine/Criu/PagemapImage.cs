using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Criu;

/// <summary>Where a range of pages is (criu/include/pagemap.h).</summary>
[Flags]
internal enum PagemapFlags
{
    None = 0,
    /// <summary>In the images that these build on (PE_PARENT).</summary>
    Parent = 1,
    /// <summary>
    /// CRIU leaves the range to a page server when it restores with lazy-pages; otherwise it reads the range itself (PE_LAZY).
    /// </summary>
    Lazy = 2,
    /// <summary>In this dump's pages-N.img (PE_PRESENT).</summary>
    Present = 4,
}

/// <summary>An entry of a pagemap image: a range of a task's pages.</summary>
/// <param name="Address">Its first byte in the task's memory at the time of the dump.</param>
/// <param name="PageCount">Its length in pages.</param>
/// <param name="Flags">Where its pages are.</param>
internal readonly record struct PagemapEntry(ulong Address, ulong PageCount, PagemapFlags Flags);

/// <summary>A task's pagemap: pagemap-N.img.</summary>
/// <param name="PagesId">The N of the pages-N.img that holds the pages.</param>
/// <param name="Entries">The ranges, in the file's order.</param>
internal sealed record PagemapImage(uint PagesId, IReadOnlyList<PagemapEntry> Entries)
{
    private static readonly ImageKind Kind = ImageKind.Get("pagemap-");
    private static readonly uint Address = FieldNumber("vaddr");
    private static readonly uint OldPageCount = FieldNumber("compat_nr_pages");
    private static readonly uint InParent = FieldNumber("in_parent");
    private static readonly uint Flags = FieldNumber("flags");
    private static readonly uint PageCount = FieldNumber("nr_pages");

    /// <summary>Reads the image.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or not of that kind.</exception>
    public static PagemapImage Read(string path)
    {
        var records = LocalImageFile.Read(path, Kind);
        var entries = new PagemapEntry[records.Count - 1];
        for (var i = 0; i < entries.Length; i++)
            entries[i] = Parse(records[i + 1]);
        return new PagemapImage(records[0].U32("pages_id"), entries);
    }

    // In one pass over the fields: a process of 1 GiB may have 100000 entries. CRIU before 3.0 wrote no flags, before 4.0 a count
    // of 32 bits.
    private static PagemapEntry Parse(ImageRecord record)
    {
        var (address, oldCount, inParent) = (0UL, 0UL, false);
        ulong? count = null, flags = null;
        var reader = record.Fields();
        while (!reader.AtEnd && reader.TryNext())
        {
            if (reader.Number == Address)
                address = reader.Value;
            else if (reader.Number == OldPageCount)
                oldCount = reader.Value;
            else if (reader.Number == InParent)
                inParent = reader.Value != 0;
            else if (reader.Number == Flags)
                flags = reader.Value;
            else if (reader.Number == PageCount)
                count = reader.Value;
        }
        var known = (PagemapFlags)(flags ?? 0);
        if (inParent)
            known |= PagemapFlags.Parent;
        else if (flags is null)
            known = PagemapFlags.Present;
        return new PagemapEntry(address, count ?? oldCount, known);
    }

    private static uint FieldNumber(string name) => ImageSchema.Message("pagemap_entry")[name].Number;
}
