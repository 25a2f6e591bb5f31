using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Formats.Compression;

namespace Stasis.Engine.Archive;

/// <summary>
/// Copies an entry of an archive into a file, piece by piece, in any order, and each piece once. Safe for use by several threads at once.
/// </summary>
/// <param name="archive">The archive.</param>
/// <param name="entry">The entry.</param>
/// <param name="target">The file, which is as long as the entry. It is closed on disposal.</param>
internal sealed class EntryPieceCopier(RandomAccessArchive archive, IndexedEntry entry, SafeFileHandle target) : IDisposable
{
    private readonly int _first = entry.Length == 0 ? 0 : archive.PieceAt(entry.Offset);
    private readonly Piece[] _pieces =
        entry.Length == 0 ? [] : MakePieces(archive.PieceAt(entry.Offset + entry.Length - 1) - archive.PieceAt(entry.Offset) + 1);
    private int _next = -1;

    /// <summary>Copies a part of the entry, unless it is in the file already.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged in that part.</exception>
    /// <exception cref="IOException">The archive can't be read, or the file can't be written.</exception>
    public void Require(long offset, long length)
    {
        if (length == 0)
            return;
        var last = archive.PieceAt(entry.Offset + offset + length - 1) - _first;
        for (var piece = archive.PieceAt(entry.Offset + offset) - _first; piece <= last; piece++)
            Copy(piece);
    }

    /// <summary>Copies the next piece that isn't in the file yet. Returns false if there is none.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged in that part.</exception>
    /// <exception cref="IOException">The archive can't be read, or the file can't be written.</exception>
    public bool CopyNext()
    {
        while (Interlocked.Increment(ref _next) is var piece && piece < _pieces.Length)
        {
            if (_pieces[piece].IsCopied)
                continue;
            Copy(piece);
            return true;
        }

        return false;
    }

    /// <summary>Copies all of the entry that isn't in the file yet.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    /// <exception cref="IOException">The archive can't be read, or the file can't be written.</exception>
    public void RequireAll() => Require(0, entry.Length);

    public void Dispose() => target.Dispose();

    private void Copy(int index)
    {
        var piece = _pieces[index];
        if (piece.IsCopied)
            return;
        lock (piece)
        {
            if (piece.IsCopied)
                return;
            try
            {
                archive.CopyPiece(_first + index, entry, target);
            }
            catch (CompressionException e)
            {
                throw new InvalidDataException(e.Message, e);
            }

            piece.IsCopied = true;
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
        private volatile bool _isCopied;

        public bool IsCopied
        {
            get => _isCopied;
            set => _isCopied = value;
        }
    }
}
