using Stasis.Engine.Errors;

namespace Stasis.Engine.Formats.Compression;

/// <summary>Compressed data that is corrupt, truncated, or of a kind that isn't understood.</summary>
/// <param name="format">"zstd", "gzip", ….</param>
/// <param name="offset">How far the compressed data was read when that was noticed, in bytes.</param>
/// <param name="why">What is wrong.</param>
/// <param name="inner">What was caught, if anything.</param>
internal sealed class CompressionException(string format, long offset, string why, Exception? inner = null)
    : StasisException($"{format} data, offset {offset}: {why}", inner)
{
    /// <summary>How far the compressed data was read when that was noticed, in bytes.</summary>
    public long Offset { get; } = offset;
}
