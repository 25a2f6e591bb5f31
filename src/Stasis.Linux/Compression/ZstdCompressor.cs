using Stasis.Linux.Native;

namespace Stasis.Linux.Compression;

/// <summary>Compresses chunks into Zstandard frames, each with its content's size and a checksum. Not thread-safe.</summary>
public sealed unsafe class ZstdCompressor : IDisposable
{
    private readonly ZstdEncoderHandle _encoder = new();

    /// <summary>Creates a compressor.</summary>
    /// <param name="level">1 (fastest) to 19; 3 is zstd's default.</param>
    public ZstdCompressor(int level)
    {
        Zstd.Check(Zstd.ZSTD_CCtx_setParameter(_encoder, Zstd.CompressionLevel, level));
        Zstd.Check(Zstd.ZSTD_CCtx_setParameter(_encoder, Zstd.ChecksumFlag, 1));
    }

    /// <summary>The maximal length of a frame with <paramref name="size"/> bytes of content.</summary>
    public static int Bound(int size) => checked((int)Zstd.ZSTD_compressBound((nuint)size));

    /// <summary>Compresses a chunk into a frame.</summary>
    /// <param name="plain">The chunk.</param>
    /// <param name="target">Gets the frame; at least <see cref="Bound"/> bytes.</param>
    /// <returns>The frame's length.</returns>
    public int Compress(ReadOnlySpan<byte> plain, Span<byte> target)
    {
        fixed (byte* from = plain)
        fixed (byte* to = target)
            return (int)Zstd.Check(Zstd.ZSTD_compress2(_encoder, to, (nuint)target.Length, from, (nuint)plain.Length));
    }

    /// <inheritdoc/>
    public void Dispose() => _encoder.Dispose();
}
