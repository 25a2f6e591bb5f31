using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Formats.Compression;

namespace Stasis.Engine.Archive;

/// <summary>
/// An entry of an archive on its way into a file, piece by piece, in whatever order its parts are wanted; each piece is read once. For use by any number of threads at once.
/// </summary>
/// <param name="archive">The archive.</param>
/// <param name="entry">The entry.</param>
/// <param name="target">The file, which is as long as the entry.</param>
internal sealed class EntryBackfill(ArchiveIndex archive, IndexedEntry entry, SafeFileHandle target) : IDisposable
{
    private readonly int _first = entry.Length == 0 ? 0 : archive.PieceAt(entry.Offset);
    private readonly Piece[] _pieces = entry.Length == 0 ? [] : MakePieces(archive.PieceAt(entry.Offset + entry.Length - 1) - archive.PieceAt(entry.Offset) + 1);
    private int _next = -1;

    /// <summary>Has a part of the entry in the file when it returns.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged there.</exception>
    /// <exception cref="IOException">It can't be read, or the file can't be written.</exception>
    public void Require(long offset, long length)
    {
        if (length == 0)
            return;
        var last = archive.PieceAt(entry.Offset + offset + length - 1) - _first;
        for (var piece = archive.PieceAt(entry.Offset + offset) - _first; piece <= last; piece++)
            Copy(piece);
    }

    /// <summary>Copies the next piece that nobody has wanted so far; false if there is none.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged there.</exception>
    /// <exception cref="IOException">It can't be read, or the file can't be written.</exception>
    public bool CopyNext()
    {
        while (Interlocked.Increment(ref _next) is var piece && piece < _pieces.Length)
        {
            if (_pieces[piece].IsThere)
                continue;
            Copy(piece);
            return true;
        }

        return false;
    }

    /// <summary>Has all of it in the file when it returns.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    /// <exception cref="IOException">It can't be read, or the file can't be written.</exception>
    public void RequireAll() => Require(0, entry.Length);

    public void Dispose() => target.Dispose();

    private void Copy(int index)
    {
        var piece = _pieces[index];
        if (piece.IsThere)
            return;
        lock (piece)
        {
            if (piece.IsThere)
                return;
            try
            {
                archive.CopyPiece(_first + index, entry, target);
            }
            catch (CompressionException e)
            {
                throw new InvalidDataException(e.Message, e);
            }

            piece.IsThere = true;
        }
    }

    private static Piece[] MakePieces(int count)
    {
        var pieces = new Piece[count];
        for (var i = 0; i < count; i++)
            pieces[i] = new Piece();
        return pieces;
    }

    private sealed class Piece
    {
        private volatile bool _isThere;

        public bool IsThere
        {
            get => _isThere;
            set => _isThere = value;
        }
    }
}
