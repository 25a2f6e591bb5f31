using Stasis.Engine.Streams;

namespace Stasis.Engine.Formats.Tar;

/// <summary>Reads a tar's stream in large pieces, and counts the offset.</summary>
internal sealed class TarInput(Stream stream)
{
    private const long MaxBufferLength = 1 << 16; // a longer one would be on the large object heap, with pages of its own

    private readonly ZeroCopyReadStream? _pieces = stream as ZeroCopyReadStream;
    private readonly byte[] _buffer = stream is ZeroCopyReadStream ? [] : GC.AllocateUninitializedArray<byte>(
        (int)(stream.CanSeek ? Math.Clamp(stream.Length - stream.Position, TarHeader.Block, MaxBufferLength) : MaxBufferLength));
    private int _start;
    private int _end;

    /// <summary>Bytes read so far.</summary>
    public long Offset { get; private set; }

    /// <summary>Fills <paramref name="target"/>. Returns less than its length only at the stream's end.</summary>
    public int ReadFully(Span<byte> target)
    {
        var done = 0;
        while (done < target.Length)
        {
            var piece = Take(target.Length - done);
            if (piece.Length == 0)
                break;
            piece.CopyTo(target[done..]);
            done += piece.Length;
        }

        return done;
    }

    /// <summary>Takes between 1 and <paramref name="most"/> bytes, valid until the next call; none at the stream's end.</summary>
    public ReadOnlySpan<byte> Take(long most)
    {
        if (_pieces is not null)
        {
            var next = _pieces.Take(most);
            Offset += next.Length;
            return next;
        }

        if (_start == _end)
        {
            _start = 0;
            _end = stream.Read(_buffer);
        }

        var count = (int)Math.Min(most, _end - _start);
        var piece = _buffer.AsSpan(_start, count);
        _start += count;
        Offset += count;
        return piece;
    }

    /// <summary>As <see cref="Take"/>, into the caller's buffer, without this one's if that saves a copy.</summary>
    public int Read(Span<byte> target)
    {
        if (_pieces is null && _start == _end && target.Length >= _buffer.Length)
        {
            var count = stream.Read(target);
            Offset += count;
            return count;
        }

        var piece = Take(target.Length);
        piece.CopyTo(target);
        return piece.Length;
    }

    /// <summary>Skips bytes. Returns false if the stream ends before.</summary>
    public bool Skip(long count)
    {
        if (stream.CanSeek && count > _end - _start + _buffer.Length)
            return Seek(count);
        while (count > 0)
        {
            var piece = Take(count);
            if (piece.Length == 0)
                return false;
            count -= piece.Length;
        }

        return true;
    }

    private bool Seek(long count)
    {
        var from = stream.Position - (_end - _start);
        var there = Math.Min(count, stream.Length - from);
        (_start, _end) = (0, 0);
        stream.Position = from + there;
        Offset += there;
        return there == count;
    }
}
