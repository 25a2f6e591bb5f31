namespace Stasis.Engine.LazyPages.Memory;

/// <summary>A range of a pages-N.img.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Offset">Where the range begins, in bytes.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct PagesFileRange(string File, long Offset, long Length);
