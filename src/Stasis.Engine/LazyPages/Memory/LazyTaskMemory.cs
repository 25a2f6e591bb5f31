using Stasis.Engine.Criu;

namespace Stasis.Engine.LazyPages.Memory;

/// <summary>
/// The pages of one task of a checkpoint that are supplied on demand, numbered from 0 by address. Immutable; all copies share it.
/// </summary>
internal sealed class LazyTaskMemory
{
    // MADV_WIPEONFORK: the number of a bit in a mapping's advice.
    private const int WipeOnFork = 18;

    private readonly List<PageRun> _runs;

    private LazyTaskMemory(int task, List<PageRun> runs, IReadOnlyList<(ulong Start, ulong End)> wipedOnFork)
    {
        (Task, _runs, WipedOnFork) = (task, runs, wipedOnFork);
        Pages = runs.Count == 0 ? 0 : runs[^1].EndPage;
    }

    /// <summary>The task's PID in the checkpoint.</summary>
    public int Task { get; }

    /// <summary>How many pages there are.</summary>
    public int Pages { get; }

    /// <summary>All pages, by number and by address.</summary>
    public IReadOnlyList<PageRun> Runs => _runs;

    /// <summary>Ranges that are zero in a child after a fork (madvise(2), MADV_WIPEONFORK).</summary>
    public IReadOnlyList<(ulong Start, ulong End)> WipedOnFork { get; }

    /// <summary>Reads a task's pagemap, and opens the files of its pages.</summary>
    /// <exception cref="InvalidDataException">The images are damaged, or pages are missing.</exception>
    public static LazyTaskMemory Read(MemoryImages images, int task)
    {
        var runs = new List<PageRun>();
        if (images.Read(task) is not { } pagemap)
            return new LazyTaskMemory(task, runs, []);
        foreach (var range in pagemap.Ranges.Where(range => range.Flags.HasFlag(PagemapFlags.Lazy)))
            Add(runs, pagemap, images, task, range.Address, range.End);
        if (runs.Count == 0)
            return new LazyTaskMemory(task, runs, []);
        var wiped = images.Mappings(task).Where(mapping => (mapping.Advice >> WipeOnFork & 1) != 0);
        return new LazyTaskMemory(task, runs, [.. wiped.Select(mapping => (mapping.Start, mapping.End))]);
    }

    /// <summary>The run that a page is in.</summary>
    public PageRun RunOf(int page)
    {
        var (low, high) = (0, _runs.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_runs[middle].EndPage <= page)
                low = middle + 1;
            else
                high = middle;
        }
        return _runs[low];
    }

    // Parts of a range may be in the parent's images, and parts of those in its parent's.
    private static void Add(List<PageRun> runs, Pagemap pagemap, MemoryImages images, int task, ulong from, ulong to)
    {
        for (var i = pagemap.FirstAfter(from); from < to; i++)
        {
            if (i == pagemap.Ranges.Count || pagemap.Ranges[i].Address > from)
                throw Missing(task, from);
            var range = pagemap.Ranges[i];
            var end = Math.Min(to, range.End);
            if (range.Flags.HasFlag(PagemapFlags.Parent))
                Add(runs, images.ReadParent(task) ?? throw Missing(task, from), images.Parent!, task, from, end);
            else if (range.Flags.HasFlag(PagemapFlags.Present))
                Append(runs, from, PageCount(from, end), pagemap.File, range.Offset + (long)(from - range.Address));
            else
                throw new InvalidDataException(
                    $"the page of task {task} at {from:x} was left on the host of the dump (criu dump --lazy-pages)");
            from = end;
        }
    }

    private static int PageCount(ulong from, ulong to) => (int)((to - from) / (ulong)Pagemap.PageSize);

    private static InvalidDataException Missing(int task, ulong address) =>
        new($"the page of task {task} at {address:x} is in none of the images");

    private static void Append(List<PageRun> runs, ulong address, int count, PagesFile file, long offset)
    {
        var page = runs.Count == 0 ? 0 : runs[^1].EndPage;
        if (runs is [.., var last] && last.File == file && last.Offset + (long)last.Count * Pagemap.PageSize == offset
            && last.Address + (ulong)last.Count * (ulong)Pagemap.PageSize == address)
            runs[^1] = last with { Count = last.Count + count };
        else
            runs.Add(new PageRun(address, page, count, file, offset));
    }
}
