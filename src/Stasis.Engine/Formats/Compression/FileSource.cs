using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.Formats.Compression;

/// <summary>The bytes of an open file, which stays the caller's.</summary>
/// <param name="file">The file.</param>
internal sealed class FileSource(SafeFileHandle file) : IRandomAccessSource
{
    public long Length => RandomAccess.GetLength(file);

    public int ReadAt(long offset, Span<byte> target)
    {
        var done = 0;
        while (done < target.Length && RandomAccess.Read(file, target[done..], offset + done) is > 0 and var count)
            done += count;
        return done;
    }
}
