using Stasis.Linux.Files;

namespace Stasis.Engine.Streams;

/// <summary>A stream whose first bytes were taken already, put together again; it knows how much was read.</summary>
internal sealed class CountingStream(byte[] first, Stream rest) : OneWayStream(writes: false)
{
    public long Count { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        int count;
        if (Count < first.Length)
        {
            count = Math.Min(buffer.Length, first.Length - (int)Count);
            first.AsSpan((int)Count, count).CopyTo(buffer);
        }
        else
        {
            count = rest.Read(buffer);
        }

        Count += count;
        return count;
    }
}
