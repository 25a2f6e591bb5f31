using Stasis.Engine.Criu;

namespace Stasis.Engine.LazyPages.Memory;

/// <summary>
/// The pages that CRIU reads itself, before any process runs, even if the others are supplied on demand: shared memory, stacks,
/// changed pages of mapped files.
/// </summary>
internal static class EagerPages
{
    /// <summary>Finds the ranges of all pages-N.img in a folder that no task's pagemap marks as lazy.</summary>
    /// <exception cref="InvalidDataException">The images are damaged.</exception>
    public static List<PagesFileRange> Find(string images)
    {
        var lazy = new Dictionary<string, List<(long From, long To)>>();
        using var pages = new MemoryImages(images);
        foreach (var pagemap in pages.Tasks.Select(pages.Read).OfType<Pagemap>())
        {
            if (!lazy.TryGetValue(Path.GetFileName(pagemap.File.Path), out var ranges))
                lazy[Path.GetFileName(pagemap.File.Path)] = ranges = [];
            ranges.AddRange(pagemap.Ranges
                .Where(range => range.Flags.HasFlag(PagemapFlags.Lazy) && range.Flags.HasFlag(PagemapFlags.Present))
                .Select(range => (range.Offset, range.Offset + ((long)range.Count * Pagemap.PageSize))));
        }
        var parts = new List<PagesFileRange>();
        foreach (var file in new DirectoryInfo(images).EnumerateFiles("pages-*.img"))
        {
            var done = 0L;
            foreach (var (from, to) in lazy.GetValueOrDefault(file.Name, []).Order().Append((file.Length, file.Length)))
            {
                if (from > done)
                    parts.Add(new PagesFileRange(file.Name, done, from - done));
                done = Math.Max(done, to);
            }
        }
        return parts;
    }
}
