namespace Stasis.Engine.Archive;

/// <summary>The place of an entry's content in the plain data.</summary>
/// <param name="Offset">The offset of the content's first byte.</param>
/// <param name="Length">The content's length in bytes.</param>
internal readonly record struct IndexedEntry(long Offset, long Length);
