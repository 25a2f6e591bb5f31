using Stasis.Engine.Streams;
using Stasis.Linux.Files;

namespace Stasis.Engine.Formats.Compression;

/// <summary>Adds format and offset to errors in compressed data.</summary>
internal sealed class DecompressionErrorStream(string format, PushbackStream compressed, Stream decompressed) : OneWayStream(writes: false)
{
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return decompressed.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw new CompressionException(format, compressed.Count, CompressionStreams.Why(format, e), e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            decompressed.Dispose();
        base.Dispose(disposing);
    }
}
