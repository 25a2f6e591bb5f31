using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.Streams;

/// <summary>A stream to write to that takes content out of a file by itself.</summary>
internal interface IFileContentTarget
{
    /// <summary>Takes as much as it likes of what is there, and gives how much that was: between 1 and <paramref name="most"/> bytes, 0 at the file's end.</summary>
    int Copy(SafeFileHandle from, long offset, int most);
}
