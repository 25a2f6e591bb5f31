using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Streams;
using Stasis.Linux.Files;

namespace Stasis.Engine.Formats.Compression;

/// <summary>
/// Compresses into independent pieces, several at once, and writes them in order. One piece's worth of data,
/// or less, is compressed without a thread. Disposing ends the data; after a failure it writes nothing, so
/// that the data is recognized as truncated.
/// </summary>
/// <param name="target">The stream for the compressed data, which stays open.</param>
internal abstract class ParallelFrameWriter(Stream target) : OneWayStream(writes: true), IFileCopyTarget
{
    /// <summary>
    /// Plain bytes of a piece. Larger pieces hardly compress better (below 0.1% with zstd). Smaller ones
    /// occupy more threads, and one page needs less reading.
    /// </summary>
    public const int PieceSize = 1 << 20;

    private readonly Queue<Piece> _waiting = [];
    private readonly Stack<Piece> _unused = [];
    private readonly int _window = (2 * WorkerPool.Size) + 1;
    private WorkerPool? _workers;
    private Piece _current = new();
    private bool _begun;
    private bool _failed;
    private bool _ended;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var part = buffer[..Math.Min(buffer.Length, PieceSize - _current.PlainLength)];
            part.CopyTo(_current.Plain.AsSpan(_current.PlainLength));
            QueueFrame(part.Length);
            buffer = buffer[part.Length..];
        }
    }

    public int Copy(SafeFileHandle from, long offset, int most)
    {
        var count =
            RandomAccess.Read(from, _current.Plain.AsSpan(_current.PlainLength, Math.Min(most, PieceSize - _current.PlainLength)), offset);
        QueueFrame(count);
        return count;
    }

    /// <summary>Writes out all data so far, which costs some size.</summary>
    public override void Flush()
    {
        WriteAll();
        target.Flush();
    }

    /// <summary>Compresses a piece. Returns the compressed length. Called by several threads at once.</summary>
    protected abstract int Compress(ReadOnlySpan<byte> plain, ref byte[] compressed);

    /// <summary>Called for every piece that was written, in order.</summary>
    protected virtual void Written(int plainLength, ReadOnlySpan<byte> compressed) { }

    /// <summary>Called after all pieces are written.</summary>
    protected virtual void End() { }

    /// <summary>Writes bytes without compression.</summary>
    protected void WriteRaw(ReadOnlySpan<byte> bytes) => target.Write(bytes);

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_ended)
        {
            _ended = true;
            try
            {
                if (!_failed)
                    WriteRest();
            }
            finally
            {
                _workers?.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private void QueueFrame(int count)
    {
        _current.PlainLength += count;
        if (_current.PlainLength == PieceSize)
            Post();
    }

    private void WriteRest()
    {
        WriteAll();
        if (!_begun)
            WriteAlone();
        End();
    }

    private void WriteAll()
    {
        if (_current.PlainLength > 0 && _workers is not null)
            Post();
        while (_waiting.Count > 0)
            WriteOldest();
        if (_current.PlainLength > 0)
            WriteAlone();
    }

    private void WriteAlone()
    {
        Compress(_current);
        WriteOut(_current);
    }

    private void Post()
    {
        var piece = _current;
        _waiting.Enqueue(piece);
        _workers ??= new WorkerPool(WorkerPool.Size);
        _workers.Post(() => Compress(piece));
        while (_waiting.Count >= _window)
            WriteOldest();
        _current = _unused.TryPop(out var unused) ? unused : new Piece();
    }

    private void WriteOldest()
    {
        var piece = _waiting.Dequeue();
        piece.Done.Wait(CancellationToken.None);
        WriteOut(piece);
        _unused.Push(piece);
    }

    private void WriteOut(Piece piece)
    {
        try
        {
            piece.Failure?.Throw();
            var compressed = piece.Compressed.AsSpan(0, piece.Length);
            target.Write(compressed);
            Written(piece.PlainLength, compressed);
            _begun = true;
            piece.PlainLength = 0;
            piece.Done.Reset();
        }
        catch
        {
            _failed = true;
            throw;
        }
    }

    private void Compress(Piece piece)
    {
        try
        {
            piece.Length = Compress(piece.Plain.AsSpan(0, piece.PlainLength), ref piece.Compressed);
        }
        catch (Exception e)
        {
            piece.Failure = ExceptionDispatchInfo.Capture(e);
        }

        piece.Done.Set();
    }

    private sealed class Piece
    {
        public byte[] Compressed = [];

        public byte[] Plain { get; } = GC.AllocateUninitializedArray<byte>(PieceSize);

        public int PlainLength { get; set; }

        public int Length { get; set; }

        public ManualResetEventSlim Done { get; } = new();

        public ExceptionDispatchInfo? Failure { get; set; }
    }
}
