using System.IO.Compression;
using Stasis.Engine.Streams;
using Stasis.Linux.Files;

namespace Stasis.Engine.Formats.Compression;

/// <summary>Decompresses consecutive gzip members, and refuses data behind them, which <see cref="GZipStream"/> alone ignores.</summary>
/// <param name="source">The compressed data. The stream stays open.</param>
internal sealed class GzipMemberReader(ZeroCopyReadStream source) : OneWayStream(writes: false)
{
    private readonly HoldBackStream _input = new(source);
    private GZipStream? _members;

    public override int Read(Span<byte> buffer)
    {
        _members ??= new GZipStream(_input, CompressionMode.Decompress, leaveOpen: true);
        try
        {
            var count = _members.Read(buffer);
            return count > 0 || buffer.Length == 0 || _input.IsAtEnd
                ? count
                : throw new CompressionException(
                    "gzip", source.Count, "what comes after the last member is none: trailing data, or corrupt");
        }
        catch (InvalidDataException e)
        {
            throw new CompressionException("gzip", source.Count, CompressionStreams.Why("gzip", e), e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _members?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>
    /// Keeps the last byte back until it is read by itself. <see cref="GZipStream"/> reads large pieces and
    /// doesn't report unused bytes; a byte that it never reads is unused.
    /// </summary>
    private sealed class HoldBackStream(ZeroCopyReadStream source) : OneWayStream(writes: false)
    {
        private byte? _held;
        private bool _begun;

        public bool IsAtEnd => _held is null && source.Peek().IsEmpty;

        public override int Read(Span<byte> buffer)
        {
            if (!_begun)
                KeepLast(source.Take(1));
            _begun = true;
            if (_held is not { } first)
                return 0;
            buffer[0] = first;
            var piece = source.Take(buffer.Length - 1);
            KeepLast(piece);
            if (piece.IsEmpty)
                return 1;
            piece[..^1].CopyTo(buffer[1..]);
            return piece.Length;
        }

        private void KeepLast(ReadOnlySpan<byte> piece) => _held = piece.IsEmpty ? null : piece[^1];
    }
}
