using System.Buffers.Binary;
using System.Collections.Concurrent;
using Stasis.Linux.Compression;

namespace Stasis.Engine.Formats.Compression;

/// <summary>
/// Writes zstd in frames of <see cref="ParallelFrameWriter.PieceSize"/> plain bytes, and after them a seek
/// table in a skippable frame (zstd's contrib/seekable_format), so that <see cref="SeekableZstd"/> can read
/// each frame alone.
/// </summary>
internal sealed class ZstdFrameWriter(Stream target, int level) : ParallelFrameWriter(target)
{
    private readonly ConcurrentBag<ZstdCompressor> _compressors = [];
    private readonly SeekTable.Builder _table = new();

    protected override int Compress(ReadOnlySpan<byte> plain, ref byte[] compressed)
    {
        if (!_compressors.TryTake(out var compressor))
            compressor = new ZstdCompressor(level);
        if (compressed.Length == 0)
            compressed = GC.AllocateUninitializedArray<byte>(ZstdCompressor.Bound(PieceSize));
        var length = compressor.Compress(plain, compressed);
        _compressors.Add(compressor);
        return length;
    }

    // The table has the checksum that is at the end of the frame.
    protected override void Written(int plainLength, ReadOnlySpan<byte> compressed) =>
        _table.Add(compressed.Length, plainLength, BinaryPrimitives.ReadUInt32LittleEndian(compressed[^4..]));

    protected override void End() => WriteRaw(_table.Finish());

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        while (_compressors.TryTake(out var compressor))
            compressor.Dispose();
    }
}
