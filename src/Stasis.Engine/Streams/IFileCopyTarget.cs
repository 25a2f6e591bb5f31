using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.Streams;

/// <summary>A writable stream that copies content from a file by itself.</summary>
internal interface IFileCopyTarget
{
    /// <summary>
    /// Copies between 1 and <paramref name="most"/> bytes from an offset of a file. Returns their number; 0
    /// at the file's end.
    /// </summary>
    int Copy(SafeFileHandle from, long offset, int most);
}
