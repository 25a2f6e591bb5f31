using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.Archive;

/// <summary>A stream to write to that takes content out of a file by itself.</summary>
internal interface IFileTarget
{
    /// <summary>Takes exactly so many bytes.</summary>
    /// <exception cref="EndOfStreamException">The file ended before.</exception>
    void Copy(SafeFileHandle from, long offset, int count);
}
