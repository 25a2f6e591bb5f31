using Stasis.Linux.Files;

namespace Stasis.Engine.Streams;

/// <summary>A stream whose data can be taken in the pieces that it comes in, without copying.</summary>
internal abstract class ZeroCopyReadStream() : OneWayStream(writes: false)
{
    private ReadOnlyMemory<byte> _piece;

    /// <summary>Bytes taken so far.</summary>
    public long Count { get; private set; }

    /// <summary>
    /// The rest of the current piece, or the next piece if nothing is left of it; empty at the end. Valid
    /// until a call that reads beyond it.
    /// </summary>
    public ReadOnlySpan<byte> Peek()
    {
        if (_piece.IsEmpty)
            _piece = NextPiece();
        return _piece.Span;
    }

    /// <summary>Takes bytes that <see cref="Peek"/> has returned.</summary>
    public void Advance(int count)
    {
        _piece = _piece[count..];
        Count += count;
    }

    /// <summary>Takes between 1 and <paramref name="most"/> bytes, valid until the next call; none at the end.</summary>
    public ReadOnlySpan<byte> Take(long most)
    {
        var piece = Peek();
        piece = piece[..(int)Math.Min(most, piece.Length)];
        Advance(piece.Length);
        return piece;
    }

    /// <summary>Takes the rest of the current piece, or the next piece; empty at the end. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> TakePiece()
    {
        _ = Peek();
        var piece = _piece;
        Advance(piece.Length);
        return piece;
    }

    /// <summary>Fills <paramref name="target"/>. Returns less than its length only at the end.</summary>
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

    /// <summary>Produces the next piece, valid until the next call; empty at the end.</summary>
    protected abstract ReadOnlyMemory<byte> NextPiece();
}
