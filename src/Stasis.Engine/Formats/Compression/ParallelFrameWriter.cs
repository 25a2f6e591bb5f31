using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Streams;
using Stasis.Linux.Files;

namespace Stasis.Engine.Formats.Compression;

/// <summary>
/// Compresses into pieces that stand for themselves, several at once, and writes them in order. One piece's worth, or less, is compressed without a thread. Disposing ends the
/// data; nothing if writing failed before: half of it is told from all of it.
/// </summary>
/// <param name="target">Where the compressed data goes; it stays open.</param>
internal abstract class ParallelFrameWriter(Stream target) : OneWayStream(writes: true), IFileContentTarget
{
    /// <summary>
    /// Plain bytes of a piece. Larger ones compress hardly better (below 0.1% with zstd); smaller ones give more threads work and less to read for one page.
    /// </summary>
    public const int PieceSize = 1 << 20;

    private readonly Queue<Piece> _waiting = [];
    private readonly Stack<Piece> _unused = [];
    private readonly int _window = (2 * WorkerPool.Size) + 1;
    private WorkerPool? _crew;
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
        var count = RandomAccess.Read(from, _current.Plain.AsSpan(_current.PlainLength, Math.Min(most, PieceSize - _current.PlainLength)), offset);
        QueueFrame(count);
        return count;
    }

    /// <summary>Writes out all that was given so far, at some cost in size.</summary>
    public override void Flush()
    {
        WriteAll();
        target.Flush();
    }

    /// <summary>Compresses what is in the piece; gives how long that is. Called by several threads at once.</summary>
    protected abstract int Compress(ReadOnlySpan<byte> plain, ref byte[] compressed);

    /// <summary>Told of every piece that was written, in order.</summary>
    protected virtual void Written(int plainLength, ReadOnlySpan<byte> compressed) { }

    /// <summary>Called when all pieces are written.</summary>
    protected virtual void End() { }

    /// <summary>Writes as it is.</summary>
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
                _crew?.Dispose();
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
        if (_current.PlainLength > 0 && _crew is not null)
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
        _crew ??= new WorkerPool(WorkerPool.Size);
        _crew.Post(() => Compress(piece));
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
