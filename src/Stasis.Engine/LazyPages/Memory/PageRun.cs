namespace Stasis.Engine.LazyPages.Memory;

/// <summary>Pages that follow each other, in the task's memory and in a file.</summary>
/// <param name="Address">Where they were in the task's memory at the time of the dump.</param>
/// <param name="Page">The first one's number.</param>
/// <param name="Count">Pages.</param>
/// <param name="File">Where they are to be had.</param>
/// <param name="Offset">And where in it.</param>
internal readonly record struct PageRun(ulong Address, int Page, int Count, PagesFile File, long Offset)
{
    public int EndPage => Page + Count;
}
