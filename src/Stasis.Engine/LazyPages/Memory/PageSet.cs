using System.Numerics;

namespace Stasis.Engine.LazyPages.Memory;

/// <summary>A set of page numbers that several threads may add to at once.</summary>
internal sealed class PageSet
{
    private const int Bits = 64;

    private readonly ulong[] _words;

    public PageSet(int pages) => _words = new ulong[(pages + Bits - 1) / Bits];

    private PageSet(PageSet other) => _words = [.. other._words];

    /// <summary>Whether a page is in the set.</summary>
    public bool Contains(int page) => (Volatile.Read(ref _words[page / Bits]) >> (page % Bits) & 1) != 0;

    /// <summary>Adds pages that follow each other.</summary>
    /// <returns>How many of them were not in the set before.</returns>
    public int Add(int page, int count)
    {
        var added = 0;
        for (var end = page + count; page < end;)
        {
            var mask = Mask(page, end, out var next);
            added += BitOperations.PopCount(mask & ~Interlocked.Or(ref _words[page / Bits], mask));
            page = next;
        }
        return added;
    }

    /// <summary>How many of the pages are in the set.</summary>
    public int Count(int page, int count)
    {
        var there = 0;
        for (var end = page + count; page < end;)
        {
            var mask = Mask(page, end, out var next);
            there += BitOperations.PopCount(Volatile.Read(ref _words[page / Bits]) & mask);
            page = next;
        }
        return there;
    }

    /// <summary>How many pages, from one on and before <paramref name="end"/>, are all in the set, or all not in it.</summary>
    public int RunLength(int page, int end, bool isIn)
    {
        var first = page;
        while (page < end)
        {
            var mask = Mask(page, end, out var next);
            var word = Volatile.Read(ref _words[page / Bits]);
            var others = (isIn ? ~word : word) & mask;
            if (others != 0)
                return page / Bits * Bits + BitOperations.TrailingZeroCount(others) - first;
            page = next;
        }
        return page - first;
    }

    public PageSet Copy() => new(this);

    // The bits of pages in the word that the first one is in, and the first page of the next word.
    private static ulong Mask(int page, int end, out int next)
    {
        next = Math.Min(end, (page / Bits + 1) * Bits);
        var count = next - page;
        return (count == Bits ? ulong.MaxValue : (1UL << count) - 1) << (page % Bits);
    }
}
