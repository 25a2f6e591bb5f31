using Stasis.Linux.Files;
using Stasis.Linux.Native;

namespace Stasis.Linux.Compression;

/// <summary>
/// Decompresses any number of Zstandard frames. Refuses a window above 128 MiB (zstd --long=28 and more), like zstd by default.
/// </summary>
/// <param name="source">The compressed stream. Not closed by this stream.</param>
public sealed unsafe class ZstdReadStream(Stream source) : OneWayStream(writes: false)
{
    private readonly ZstdDecoderHandle _decoder = new();
    private readonly byte[] _input = new byte[1 << 17];
    private int _start;
    private int _end;
    private bool _withinFrame;

    /// <summary>Reads content.</summary>
    /// <exception cref="InvalidDataException">
    /// The data is corrupt (a frame's checksum, if there is one, is verified), or ends within a frame.
    /// </exception>
    public override int Read(Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var count = Decompress(buffer);
            if (count > 0)
                return count;
            _start = 0;
            _end = source.Read(_input);
            if (_end == 0)
                return _withinFrame ? throw new InvalidDataException("ends within a frame: truncated") : 0;
        }

        return 0;
    }

    private int Decompress(Span<byte> buffer)
    {
        fixed (byte* input = _input)
        fixed (byte* output = buffer)
        {
            var from = new Zstd.Buffer { Bytes = input, Size = (nuint)_end, Position = (nuint)_start };
            var to = new Zstd.Buffer { Bytes = output, Size = (nuint)buffer.Length };
            // Without input there may still be output that didn't fit into the buffer before.
            while (to.Position == 0 && (from.Position < from.Size || _withinFrame))
            {
                var before = from.Position;
                _withinFrame = Zstd.Check(Zstd.ZSTD_decompressStream(_decoder, &to, &from)) != 0;
                if (to.Position == 0 && from.Position == before)
                    break;
            }

            _start = (int)from.Position;
            return (int)to.Position;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _decoder.Dispose();
        base.Dispose(disposing);
    }
}
