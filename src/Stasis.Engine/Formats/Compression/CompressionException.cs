using Stasis.Engine.Errors;

namespace Stasis.Engine.Formats.Compression;

/// <summary>Compressed data is corrupt, truncated, or in an unsupported format.</summary>
/// <param name="format">The format: "zstd", "gzip", ….</param>
/// <param name="offset">How many bytes of the compressed data were read when the error was noticed.</param>
/// <param name="why">What is wrong.</param>
/// <param name="inner">What was caught, if anything.</param>
internal sealed class CompressionException(string format, long offset, string why, Exception? inner = null)
    : StasisException($"{format} data, offset {offset}: {why}", inner)
{
    /// <summary>How many bytes of the compressed data were read when the error was noticed.</summary>
    public long Offset { get; } = offset;
}
