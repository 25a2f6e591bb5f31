using Microsoft.Win32.SafeHandles;
using Stasis.Linux;

namespace Stasis.Engine.Archive;

/// <summary>Writes a file from its beginning to its end, and copies parts of other files into it without their coming through this process.</summary>
/// <param name="file">It stays open.</param>
/// <param name="reached">Told up to where it is written.</param>
internal sealed class PlainFileStream(SafeFileHandle file, Action<long>? reached = null) : OneWayStream(writes: true)
{
    private long _position;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        RandomAccess.Write(file, buffer, _position);
        Moved(buffer.Length);
    }

    /// <summary>Copies from another file.</summary>
    /// <exception cref="EndOfStreamException">It ended before.</exception>
    public void Copy(SafeFileHandle from, long offset, int count)
    {
        FileCopy.CopyRange(from, offset, file, _position, count);
        Moved(count);
    }

    private void Moved(int count)
    {
        _position += count;
        reached?.Invoke(_position);
    }
}
