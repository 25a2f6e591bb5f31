using Stasis.Linux.Native;

namespace Stasis.Linux;

/// <summary>Compresses into one Zstandard frame with a checksum; disposing ends it. Work is spread over threads of libzstd's own.</summary>
public sealed unsafe class ZstdWriteStream : OneWayStream
{
    private readonly Stream _target;
    private readonly ZstdEncoderHandle _encoder = new();
    private readonly byte[] _output = new byte[1 << 18];
    private bool _failed;
    private bool _ended;

    /// <param name="target">Where the compressed data goes; it stays open.</param>
    /// <param name="level">1 (fastest) to 19; 3 is zstd's default.</param>
    /// <param name="workers">Threads; 0 compresses on the caller's.</param>
    public ZstdWriteStream(Stream target, int level = 3, int workers = 0)
        : base(writes: true)
    {
        _target = target;
        Zstd.Check(Zstd.ZSTD_CCtx_setParameter(_encoder, Zstd.CompressionLevel, level));
        Zstd.Check(Zstd.ZSTD_CCtx_setParameter(_encoder, Zstd.ChecksumFlag, 1));
        if (workers > 0)
            _ = Zstd.ZSTD_CCtx_setParameter(_encoder, Zstd.Workers, workers); // an error where the library is built without threads
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) => Compress(buffer, Zstd.Continue);

    /// <summary>Writes out all that was given so far, at some cost in size.</summary>
    public override void Flush()
    {
        Compress(default, Zstd.Flush);
        _target.Flush();
    }

    /// <summary>Ends the frame. Nothing if that was done, or if writing failed before: half a frame is told from a whole one.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_ended && !_failed)
        {
            _ended = true;
            Compress(default, Zstd.End);
        }

        _encoder.Dispose();
        base.Dispose(disposing);
    }

    private void Compress(ReadOnlySpan<byte> buffer, int directive)
    {
        var whole = false;
        try
        {
            fixed (byte* input = buffer)
            fixed (byte* output = _output)
            {
                var from = new Zstd.Buffer { Bytes = input, Size = (nuint)buffer.Length };
                nuint left;
                do
                {
                    var to = new Zstd.Buffer { Bytes = output, Size = (nuint)_output.Length };
                    left = Zstd.Check(Zstd.ZSTD_compressStream2(_encoder, &to, &from, directive));
                    _target.Write(_output, 0, (int)to.Position);
                }
                while (directive == Zstd.Continue ? from.Position < from.Size : left != 0);
            }

            whole = true;
        }
        finally
        {
            _failed |= !whole;
        }
    }
}
