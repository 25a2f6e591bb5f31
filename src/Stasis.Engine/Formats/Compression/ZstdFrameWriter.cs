using System.Buffers.Binary;
using System.Collections.Concurrent;
using Stasis.Linux.Compression;

namespace Stasis.Engine.Formats.Compression;

/// <summary>
/// Writes zstd in frames of <see cref="ParallelFrameWriter.PieceSize"/> plain bytes, and after them a seek
/// table in a skippable frame (zstd's contrib/seekable_format), so that <see cref="SeekableZstd"/> can read
/// each frame alone.
/// </summary>
/// <param name="target">The stream for the compressed data, which stays open.</param>
/// <param name="level">zstd's level of compression.</param>
/// <param name="hasDigests">Whether a table of the frames' digests precedes the seek table (<see cref="FrameDigests"/>).</param>
internal sealed class ZstdFrameWriter(Stream target, int level, bool hasDigests = false) : ParallelFrameWriter(target)
{
    private readonly ConcurrentBag<ZstdCompressor> _compressors = [];
    private readonly SeekTable.Builder _table = new();
    private readonly FrameDigests.Builder? _digests = hasDigests ? new() : null;

    /// <summary>What was written after the last frame of data; empty before the end.</summary>
    public byte[] Tables { get; private set; } = [];

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
    protected override void Written(int plainLength, ReadOnlySpan<byte> compressed)
    {
        _table.Add(compressed.Length, plainLength, BinaryPrimitives.ReadUInt32LittleEndian(compressed[^4..]));
        _digests?.Add(compressed);
    }

    protected override void End()
    {
        var digests = _digests?.Finish() ?? [];
        if (digests.Length > 0)
            _table.Add(digests.Length, plain: 0, checksum: 0);
        Tables = [.. digests, .. _table.Finish()];
        WriteRaw(Tables);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        while (_compressors.TryTake(out var compressor))
            compressor.Dispose();
    }
}
