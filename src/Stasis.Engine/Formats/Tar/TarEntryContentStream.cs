using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Files;

namespace Stasis.Engine.Formats.Tar;

/// <summary>An entry's content: the stored bytes at their extents of the file, and zeros between.</summary>
internal sealed class TarEntryContentStream : OneWayStream
{
    private readonly TarReader _reader;
    private readonly TarInput _input;
    private readonly IReadOnlyList<TarExtent> _extents;
    private readonly long _size;
    private long _stored;
    private long _padding;
    private long _position;
    private int _extent;

    /// <param name="reader">The reader, for errors.</param>
    /// <param name="input">The tar, at the first stored byte.</param>
    /// <param name="size">The file's size in bytes.</param>
    /// <param name="extents">The places of data in the file; null if the file has no holes.</param>
    /// <param name="stored">The number of stored bytes, which take whole blocks of the tar.</param>
    public TarEntryContentStream(TarReader reader, TarInput input, long size, IReadOnlyList<TarExtent>? extents, long stored)
        : base(writes: false) =>
        (_reader, _input, _size, _extents, _stored, _padding) = (reader, input, size, extents
            ?? [new TarExtent(0, size)], stored, TarHeader.Padded(stored) - stored);

    public static TarEntryContentStream None(TarReader reader, TarInput input) => new(reader, input, 0, null, 0);

    public override int Read(Span<byte> buffer)
    {
        if (buffer.Length == 0 || _position >= _size)
            return 0;
        var extent = CurrentExtent();
        int count;
        if (_position < extent.Offset)
        {
            count = (int)Math.Min(buffer.Length, extent.Offset - _position);
            buffer[..count].Clear();
        }
        else
        {
            count = _input.Read(buffer[..(int)Math.Min(buffer.Length, extent.End - _position)]);
            _stored -= count;
            if (count == 0)
                throw Truncated();
        }

        _position += count;
        return count;
    }

    public void CopyTo(SafeFileHandle file, CancellationToken cancellation)
    {
        while (_position < _size)
        {
            cancellation.ThrowIfCancellationRequested();
            var extent = CurrentExtent();
            _position = Math.Max(_position, extent.Offset);
            if (_position == _size)
                break;
            var piece = _input.Take(extent.End - _position);
            if (piece.Length == 0)
                throw Truncated();
            RandomAccess.Write(file, piece, _position);
            _position += piece.Length;
            _stored -= piece.Length;
        }

        if (_extents.Count == 0 || _extents[^1].End < _size || _extents[^1].Length == 0)
            RandomAccess.SetLength(file, _size);
    }

    public void SkipRest()
    {
        if (!_input.Skip(_stored + _padding))
            throw Truncated();
        (_stored, _padding, _position) = (0, 0, _size);
    }

    /// <summary>The extent at the position, or the next one; an empty one at the file's end if there is none.</summary>
    private TarExtent CurrentExtent()
    {
        while (_extent < _extents.Count && _extents[_extent].End <= _position)
            _extent++;
        return _extent < _extents.Count ? _extents[_extent] : new TarExtent(_size, 0);
    }

    private TarException Truncated() => _reader.Corrupt("ends within the entry's content: truncated");
}
