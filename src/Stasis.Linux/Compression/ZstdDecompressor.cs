using Stasis.Linux.Native;

namespace Stasis.Linux.Compression;

/// <summary>
/// Decompresses Zstandard frames. Refuses a window above 128 MiB (zstd --long=28 and more), like zstd by default. Not
/// thread-safe.
/// </summary>
public sealed unsafe class ZstdDecompressor : IDisposable
{
    private readonly ZstdDecoderHandle _decoder = new();

    /// <summary>Decompresses a complete frame.</summary>
    /// <returns>The length of its content.</returns>
    /// <exception cref="InvalidDataException">
    /// The frame is corrupt (a checksum, if there is one, is verified), or its content is longer than <paramref name="target"/>.
    /// </exception>
    public int Decompress(ReadOnlySpan<byte> frame, Span<byte> target)
    {
        fixed (byte* from = frame)
        fixed (byte* to = target)
            return (int)Zstd.Check(Zstd.ZSTD_decompressDCtx(_decoder, to, (nuint)target.Length, from, (nuint)frame.Length));
    }

    /// <summary>Decompresses the next part of a frame. Call it again until the frame is at its end.</summary>
    /// <param name="input">The next bytes of the frame. Bytes after its end are not consumed.</param>
    /// <param name="output">Gets the content. If it gets full, more may follow without further input.</param>
    /// <param name="taken">How many bytes of the input were consumed.</param>
    /// <param name="made">How many bytes of output were written.</param>
    /// <returns>Whether the frame is at its end.</returns>
    /// <exception cref="InvalidDataException">The data is corrupt.</exception>
    public bool Decompress(ReadOnlySpan<byte> input, Span<byte> output, out int taken, out int made)
    {
        fixed (byte* source = input)
        fixed (byte* target = output)
        {
            var from = new Zstd.Buffer { Bytes = source, Size = (nuint)input.Length };
            var to = new Zstd.Buffer { Bytes = target, Size = (nuint)output.Length };
            var ended = Zstd.Check(Zstd.ZSTD_decompressStream(_decoder, &to, &from)) == 0;
            (taken, made) = ((int)from.Position, (int)to.Position);
            return ended;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();
}
