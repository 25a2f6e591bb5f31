using System.Buffers.Binary;
using System.Collections.Concurrent;
using Stasis.Engine.Streams;
using Stasis.Linux.Compression;
using Stasis.Linux.Files;

namespace Stasis.Engine.Formats.Compression;

/// <summary>
/// Decompresses consecutive Zstandard frames. Small frames with their length in the header, as Stasis writes
/// them, are decompressed by several threads at once; others, such as Podman's single frame, on one thread.
/// Reading throws <see cref="CompressionException"/> if the data is corrupt or truncated.
/// </summary>
/// <param name="source">The compressed data. The stream stays open.</param>
/// <param name="cancellation">Ends waiting for a frame.</param>
internal sealed class ZstdFrameReader(ZeroCopyReadStream source, CancellationToken cancellation) : ZeroCopyReadStream
{
    private const int MaxContentLength = 8 << 20;
    private const string NoFrame = "what comes after the last frame is none: trailing data, or corrupt";

    private readonly Queue<Frame> _waiting = [];
    private readonly Stack<Frame> _unused = [];
    private readonly ConcurrentBag<ZstdDecompressor> _decompressors = [];
    private readonly int _window = (2 * WorkerPool.Size) + 1;
    private WorkerPool? _workers;
    private Frame? _current;
    private Frame? _large; // follows the waiting frames
    private Frames? _frames;
    private ReadAheadStream? _stream;
    private bool _ended;

    protected override ReadOnlyMemory<byte> NextPiece()
    {
        while (true)
        {
            if (_stream is not null)
                return _stream.TakePiece();
            if (_current is not null)
                _unused.Push(_current);
            _current = null;
            ReadFrames();
            if (_waiting.TryDequeue(out _current))
            {
                if (Finish(_current) is { Length: > 0 } piece)
                    return piece;
            }
            else if (_large is not null)
            {
                _frames = new Frames(_large, source);
                _stream = new ReadAheadStream(_frames, cancellation: cancellation);
            }
            else
            {
                return default;
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream?.Dispose();
            _frames?.Dispose();
            _workers?.Dispose();
            foreach (var decompressor in _decompressors)
                decompressor.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Reads frames and posts them to the workers, up to the window. A single frame is decompressed by the consumer.</summary>
    private void ReadFrames()
    {
        while (!_ended && _large is null && _waiting.Count < _window)
        {
            var frame = _unused.TryPop(out var unused) ? unused : new Frame();
            if (!ReadFrame(frame))
                _ended = true;
            else if (!frame.IsComplete)
                _large = frame;
            else
                Wait(frame);
        }
    }

    private void Wait(Frame frame)
    {
        _waiting.Enqueue(frame);
        frame.IsPosted = _workers is not null || _waiting.Count > 1;
        if (!frame.IsPosted)
            return;
        _workers ??= new WorkerPool(WorkerPool.Size);
        _workers.Post(() => Decompress(frame));
    }

    private ReadOnlyMemory<byte> Finish(Frame frame)
    {
        if (frame.IsPosted)
            frame.Done.Wait(cancellation);
        else
            Decompress(frame);
        return frame.Failure is null
            ? frame.Plain.AsMemory(0, frame.PlainLength)
            : throw new CompressionException("zstd", frame.Offset, frame.Failure.Message, frame.Failure);
    }

    private void Decompress(Frame frame)
    {
        if (!_decompressors.TryTake(out var decompressor))
            decompressor = new ZstdDecompressor();
        try
        {
            if (frame.Plain.Length < frame.PlainLength)
                frame.Plain = GC.AllocateUninitializedArray<byte>(frame.PlainLength);
            var length = decompressor.Decompress(frame.Bytes.AsSpan(0, frame.Length), frame.Plain.AsSpan(0, frame.PlainLength));
            if (length != frame.PlainLength)
                throw new InvalidDataException($"a frame of {length} bytes that says it has {frame.PlainLength}");
        }
        catch (InvalidDataException e)
        {
            frame.Failure = e;
        }

        _decompressors.Add(decompressor);
        frame.Done.Set();
    }

    /// <summary>
    /// Reads the next frame that isn't skippable: completely if it is small, otherwise its header. Returns
    /// false at the end of the data.
    /// </summary>
    private bool ReadFrame(Frame frame)
    {
        try
        {
            while (true)
            {
                frame.Begin(source.Count);
                if (!frame.TryAdd(source, ZstdFrame.MagicSize))
                    return frame.Length == 0 ? false : throw Truncated();
                var magic = BinaryPrimitives.ReadUInt32LittleEndian(frame.Bytes);
                if (magic == ZstdFrame.Magic)
                    break;
                if (!ZstdFrame.IsSkippable(magic))
                    throw new InvalidDataException(NoFrame);
                Skip(frame);
            }

            Add(frame, 1);
            Add(frame, ZstdFrame.HeaderSize(frame.Bytes[ZstdFrame.MagicSize]) - frame.Length);
            if (ZstdFrame.ContentSize(frame.Bytes) is { } size and <= MaxContentLength)
            {
                frame.PlainLength = (int)size;
                AddBlocks(frame);
            }

            return true;
        }
        catch (InvalidDataException e)
        {
            throw new CompressionException("zstd", source.Count, e.Message, e);
        }
    }

    private void AddBlocks(Frame frame)
    {
        // Empty blocks could go on forever.
        var longest = ZstdCompressor.Bound(MaxContentLength);
        while (frame.Length < longest)
        {
            Add(frame, ZstdFrame.BlockHeader);
            var (last, size) = ZstdFrame.Block(frame.Bytes.AsSpan(frame.Length - ZstdFrame.BlockHeader));
            Add(frame, size);
            if (!last)
                continue;
            Add(frame, ZstdFrame.HasChecksum(frame.Bytes[ZstdFrame.MagicSize]) ? 4 : 0);
            frame.IsComplete = true;
            return;
        }
    }

    private void Skip(Frame frame)
    {
        Add(frame, 4);
        for (long left = BinaryPrimitives.ReadUInt32LittleEndian(frame.Bytes.AsSpan(ZstdFrame.MagicSize)); left > 0;)
        {
            var piece = source.Take(left);
            left = piece.Length > 0 ? left - piece.Length : throw Truncated();
        }
    }

    private void Add(Frame frame, int count)
    {
        if (!frame.TryAdd(source, count))
            throw Truncated();
    }

    private static InvalidDataException Truncated() => new("ends within a frame: truncated");

    private sealed class Frame
    {
        public byte[] Bytes { get; private set; } = new byte[ZstdFrame.MaxHeaderLength];

        public byte[] Plain { get; set; } = [];

        public ManualResetEventSlim Done { get; } = new();

        public int Length { get; private set; }

        public int PlainLength { get; set; }

        /// <summary>The frame's offset in the compressed data.</summary>
        public long Offset { get; private set; }

        public bool IsComplete { get; set; }

        public bool IsPosted { get; set; }

        public InvalidDataException? Failure { get; set; }

        public void Begin(long offset)
        {
            (Offset, Length, PlainLength, IsComplete, Failure) = (offset, 0, 0, false, null);
            Done.Reset();
        }

        /// <summary>Adds bytes of the source. Returns false if the source ends before.</summary>
        public bool TryAdd(ZeroCopyReadStream source, int count)
        {
            if (Bytes.Length < Length + count)
            {
                var more = GC.AllocateUninitializedArray<byte>(Math.Max(Length + count, 2 * Bytes.Length));
                Bytes.AsSpan(0, Length).CopyTo(more);
                Bytes = more;
            }

            var read = source.Fill(Bytes.AsSpan(Length, count));
            Length += read;
            return read == count;
        }
    }

    /// <summary>Decompresses frames of any length while they are read, up to the end of the data.</summary>
    private sealed class Frames(Frame begun, ZeroCopyReadStream source) : OneWayStream(writes: false)
    {
        private readonly ZstdDecompressor _decompressor = new();
        private int _given;
        private bool _within = true;

        public override int Read(Span<byte> buffer)
        {
            while (buffer.Length > 0)
            {
                var fromBegun = _given < begun.Length;
                var input = fromBegun ? begun.Bytes.AsSpan(_given, begun.Length - _given) : source.Peek();
                if (input.Length == 0 && !_within)
                    return 0;
                if (!_within && input.Length >= ZstdFrame.MagicSize)
                    RequireFrame(input);
                var (taken, made) = Decompress(input, buffer);
                if (fromBegun)
                    _given += taken;
                else
                    source.Advance(taken);
                if (made > 0)
                    return made;
                if (_within && input.Length == 0)
                    throw new CompressionException("zstd", source.Count, "ends within a frame: truncated");
            }

            return 0;
        }

        protected override void Dispose(bool disposing)
        {
            _decompressor.Dispose();
            base.Dispose(disposing);
        }

        private void RequireFrame(ReadOnlySpan<byte> input)
        {
            var magic = BinaryPrimitives.ReadUInt32LittleEndian(input);
            if (magic != ZstdFrame.Magic && !ZstdFrame.IsSkippable(magic))
                throw new CompressionException("zstd", source.Count, NoFrame);
        }

        private (int Taken, int Made) Decompress(ReadOnlySpan<byte> input, Span<byte> buffer)
        {
            try
            {
                _within = !_decompressor.Decompress(input, buffer, out var taken, out var made);
                return (taken, made);
            }
            catch (InvalidDataException e)
            {
                throw new CompressionException("zstd", source.Count, e.Message, e);
            }
        }
    }
}
