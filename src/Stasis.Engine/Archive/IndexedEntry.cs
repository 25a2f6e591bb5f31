using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.Archive;

/// <summary>Where an entry's content lies in the plain data.</summary>
/// <param name="Offset">Its first byte.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct IndexedEntry(long Offset, long Length);
