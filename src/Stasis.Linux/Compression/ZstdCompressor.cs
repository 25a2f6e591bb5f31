using Stasis.Linux.Native;

namespace Stasis.Linux.Compression;

/// <summary>Compresses pieces into Zstandard frames of their own, each with its content's size and a checksum. One thread at a time.</summary>
public sealed unsafe class ZstdCompressor : IDisposable
{
    private readonly ZstdEncoderHandle _encoder = new();

    /// <param name="level">1 (fastest) to 19; 3 is zstd's default.</param>
    public ZstdCompressor(int level)
    {
        Zstd.Check(Zstd.ZSTD_CCtx_setParameter(_encoder, Zstd.CompressionLevel, level));
        Zstd.Check(Zstd.ZSTD_CCtx_setParameter(_encoder, Zstd.ChecksumFlag, 1));
    }

    /// <summary>The most that a frame of so many bytes takes.</summary>
    public static int Bound(int size) => checked((int)Zstd.ZSTD_compressBound((nuint)size));

    /// <summary>Makes one frame; gives its length. <paramref name="target"/> has room for <see cref="Bound"/>.</summary>
    public int Compress(ReadOnlySpan<byte> plain, Span<byte> target)
    {
        fixed (byte* from = plain)
        fixed (byte* to = target)
            return (int)Zstd.Check(Zstd.ZSTD_compress2(_encoder, to, (nuint)target.Length, from, (nuint)plain.Length));
    }

    /// <inheritdoc/>
    public void Dispose() => _encoder.Dispose();
}
