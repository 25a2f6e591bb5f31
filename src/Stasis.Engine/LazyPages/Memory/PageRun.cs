namespace Stasis.Engine.LazyPages.Memory;

/// <summary>Pages that follow each other both in a task's memory and in a file.</summary>
/// <param name="Address">Address of the first page at the time of the dump.</param>
/// <param name="Page">Number of the first page in its <see cref="LazyTaskMemory"/>.</param>
/// <param name="Count">How many pages.</param>
/// <param name="File">The file.</param>
/// <param name="Offset">Offset of the first page in the file, in bytes.</param>
internal readonly record struct PageRun(ulong Address, int Page, int Count, PagesFile File, long Offset)
{
    public int EndPage => Page + Count;
}
