namespace Stasis.Engine.LazyPages.Memory;

/// <summary>A part of a file of pages.</summary>
/// <param name="File">Its name.</param>
/// <param name="Offset">Where the part begins.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct PagesFileRange(string File, long Offset, long Length);
