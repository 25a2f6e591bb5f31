using Stasis.Linux.Native;

namespace Stasis.Linux.Compression;

/// <summary>Decompresses Zstandard frames. A window above 128 MiB (zstd --long beyond 27) is refused, as zstd does by default. One thread at a time.</summary>
public sealed unsafe class ZstdDecompressor : IDisposable
{
    private readonly ZstdDecoderHandle _decoder = new();

    /// <summary>Decompresses one whole frame; gives the length of its content.</summary>
    /// <exception cref="InvalidDataException">It is corrupt (its checksum is verified, where it has one) or longer than <paramref name="target"/>.</exception>
    public int Decompress(ReadOnlySpan<byte> frame, Span<byte> target)
    {
        fixed (byte* from = frame)
        fixed (byte* to = target)
            return (int)Zstd.Check(Zstd.ZSTD_decompressDCtx(_decoder, to, (nuint)target.Length, from, (nuint)frame.Length));
    }

    /// <summary>Decompresses on from where the last call was, within one frame. True when the frame is at its end; nothing behind it is taken then.</summary>
    /// <param name="input">What comes next; less than all of it may be taken.</param>
    /// <param name="output">Where to; with no room left there may be more without any input.</param>
    /// <param name="taken">Bytes of the input that were taken.</param>
    /// <param name="made">Bytes of output.</param>
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
