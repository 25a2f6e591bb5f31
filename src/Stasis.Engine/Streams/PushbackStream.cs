using Stasis.Linux.Files;

namespace Stasis.Engine.Streams;

/// <summary>Puts back the first bytes of a stream that were read already, and counts the bytes read.</summary>
internal sealed class PushbackStream(byte[] first, Stream rest) : OneWayStream(writes: false)
{
    /// <summary>Bytes read so far.</summary>
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
