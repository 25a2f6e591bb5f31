using System.Runtime.ExceptionServices;

namespace Stasis.Engine.Streams;

/// <summary>
/// Reads a stream on a thread of its own, some pieces ahead of its consumer. A stream that fits into one
/// piece is read without a thread. Disposing doesn't wait for the thread, which may hang in a pipe that
/// nobody writes to; it ends when that read returns.
/// </summary>
/// <param name="source">The stream, which nobody else may read. It stays open.</param>
/// <param name="seen">Receives every piece, in order, on the thread.</param>
/// <param name="cancellation">Ends waiting for a piece.</param>
internal sealed class ReadAheadStream(
    Stream source, Action<ReadOnlyMemory<byte>>? seen = null, CancellationToken cancellation = default) : ZeroCopyReadStream
{
    private const int MaxPieceLength = 1 << 19;
    private const int Pieces = 4;

    // One byte more than a short stream's length, so that its end is noticed with the first piece.
    private readonly int _pieceSize = source.CanSeek ? (int)Math.Min(source.Length - source.Position + 1, MaxPieceLength) : MaxPieceLength;

    private readonly byte[]?[] _buffers = new byte[Pieces][];
    private readonly int[] _lengths = new int[Pieces];
    private readonly SemaphoreSlim _free = new(0);
    private readonly SemaphoreSlim _full = new(0);
    private Exception? _failure;
    private volatile bool _stopped;
    private int _next = -1;
    private bool _ended;

    protected override ReadOnlyMemory<byte> NextPiece()
    {
        if (_ended)
            return default;
        if (_next < 0)
        {
            _next = 0;
            _ended = !Fill(0);
            if (!_ended)
                Start();
            return _buffers[0].AsMemory(0, _lengths[0]);
        }

        _free.Release();
        _next = (_next + 1) % Pieces;
        _full.Wait(cancellation);
        if (_lengths[_next] < 0)
            ExceptionDispatchInfo.Throw(_failure!);
        _ended = _lengths[_next] < _pieceSize;
        return _buffers[_next].AsMemory(0, _lengths[_next]);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_stopped)
        {
            _stopped = true;
            _free.Release();
        }

        base.Dispose(disposing);
    }

    private void Start()
    {
        // The first piece is still in use.
        _free.Release(Pieces - 1);
        new Thread(ReadAll) { IsBackground = true, Name = "read ahead" }.Start();
    }

    private void ReadAll()
    {
        for (var i = 1; ; i = (i + 1) % Pieces)
        {
            _free.Wait(CancellationToken.None);
            if (_stopped)
                return;
            var more = false;
            try
            {
                more = Fill(i);
            }
            catch (Exception e)
            {
                (_failure, _lengths[i]) = (e, -1);
            }

            _full.Release();
            if (!more)
                return;
        }
    }

    /// <summary>Reads a piece. Returns false if the stream has ended.</summary>
    private bool Fill(int i)
    {
        var buffer = _buffers[i] ??= GC.AllocateUninitializedArray<byte>(_pieceSize);
        _lengths[i] = source.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        seen?.Invoke(buffer.AsMemory(0, _lengths[i]));
        return _lengths[i] == _pieceSize;
    }
}
