namespace Stasis.Engine.LazyPages.Memory;

/// <summary>Pages of a <see cref="LazyTaskMemory"/> that follow each other in a process's memory now.</summary>
/// <param name="Address">Where the first page belongs.</param>
/// <param name="Page">Number of the first page.</param>
/// <param name="Count">How many pages.</param>
internal readonly record struct PageAddressRun(ulong Address, int Page, int Count)
{
    public int EndPage => Page + Count;

    public ulong End => Address + (ulong)Count * (ulong)Pagemap.PageSize;

    public PageAddressRun From(int page) => new(Address + (ulong)(page - Page) * (ulong)Pagemap.PageSize, page, EndPage - page);

    public PageAddressRun Part(ulong from, ulong to)
    {
        var skipped = (int)((from - Address) / (ulong)Pagemap.PageSize);
        return new(from, Page + skipped, (int)((to - from) / (ulong)Pagemap.PageSize));
    }
}
