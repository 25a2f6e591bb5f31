using Stasis.Linux.Files;

namespace Stasis.Engine.Streams;

/// <summary>A stream whose data can be had in the pieces that it comes in, without being copied.</summary>
internal abstract class ChunkStream() : OneWayStream(writes: false)
{
    private ReadOnlyMemory<byte> _piece;

    /// <summary>Bytes taken so far.</summary>
    public long Count { get; private set; }

    /// <summary>What is there of the current piece, or the next one if that is used up; nothing at the end. Valid until more than it is asked for.</summary>
    public ReadOnlySpan<byte> Peek()
    {
        if (_piece.IsEmpty)
            _piece = NextPiece();
        return _piece.Span;
    }

    /// <summary>Takes so many bytes of what <see cref="Peek"/> has shown.</summary>
    public void Advance(int count)
    {
        _piece = _piece[count..];
        Count += count;
    }

    /// <summary>Between 1 and <paramref name="most"/> next bytes, valid until the next call; none at the end.</summary>
    public ReadOnlySpan<byte> Take(long most)
    {
        var piece = Peek();
        piece = piece[..(int)Math.Min(most, piece.Length)];
        Advance(piece.Length);
        return piece;
    }

    /// <summary>All that is there of the current piece, or the next one; nothing at the end. It stays as it is until the next call.</summary>
    public ReadOnlyMemory<byte> TakePiece()
    {
        _ = Peek();
        var piece = _piece;
        Advance(piece.Length);
        return piece;
    }

    /// <summary>Fills as much of <paramref name="target"/> as there is: less only at the end.</summary>
    public int Fill(Span<byte> target)
    {
        var done = 0;
        while (done < target.Length && Read(target[done..]) is > 0 and var count)
            done += count;
        return done;
    }

    public override int Read(Span<byte> buffer)
    {
        var piece = Take(buffer.Length);
        piece.CopyTo(buffer);
        return piece.Length;
    }

    /// <summary>The next piece, which stays as it is until the next call; an empty one at the end.</summary>
    protected abstract ReadOnlyMemory<byte> NextPiece();
}
