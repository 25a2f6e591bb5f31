using System.Buffers.Binary;
using System.Collections.Concurrent;
using Stasis.Linux.Compression;

namespace Stasis.Engine.Formats.Compression;

/// <summary>
/// Writes zstd in frames of <see cref="ParallelFrameWriter.PieceSize"/>, and behind them a seek table in a frame that decompressors skip (zstd's contrib/seekable_format), so that each
/// can be read alone: <see cref="SeekableZstd"/>.
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

    // A frame's checksum is the last thing in it, and the one that the table has.
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
