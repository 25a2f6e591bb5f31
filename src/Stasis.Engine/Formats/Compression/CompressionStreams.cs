using System.IO.Compression;
using Stasis.Engine.Streams;
using Stasis.Linux.Compression;
using Stasis.Linux.Files;

namespace Stasis.Engine.Formats.Compression;

/// <summary>Opens streams that decompress and compress.</summary>
internal static class CompressionStreams
{
    private const int MaxMagicLength = 6;
    private const int ZstdLevel = 1;
    private const string Zstd = "zstd";
    private const string Gzip = "gzip";

    // Without the switch, .NET accepts truncated gzip data.
    static CompressionStreams() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    /// <summary>
    /// Decompresses <paramref name="source"/>: zstd, gzip, or plain data, detected by its first bytes.
    /// Several zstd frames or gzip members are read as one. The source is read ahead, and stays open. Reading
    /// throws <see cref="CompressionException"/> if the data is corrupt or truncated.
    /// </summary>
    /// <exception cref="CompressionException">The format isn't supported (bzip2, xz, lz4).</exception>
    public static Stream OpenRead(Stream source)
    {
        var magic = new byte[MaxMagicLength];
        magic = magic[..source.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)];
        var whole = new PushbackStream(magic, source);
        return DetectFormat(magic) switch
        {
            Zstd => new DecompressionErrorStream(Zstd, whole, new ZstdReadStream(whole)),
            Gzip => new DecompressionErrorStream(Gzip, whole, new GZipStream(whole, CompressionMode.Decompress)),
            _ => whole,
        };
    }

    /// <summary>As <see cref="OpenRead"/>, but other threads decompress ahead of the caller.</summary>
    /// <exception cref="CompressionException">The format isn't supported.</exception>
    internal static ZeroCopyReadStream OpenReadAhead(ZeroCopyReadStream source, CancellationToken cancellation)
    {
        switch (DetectFormat(source.Peek()))
        {
            case Zstd:
                return new ZstdFrameReader(source, cancellation);
            case Gzip:
                return new ReadAheadStream(new GzipMemberReader(source), cancellation: cancellation);
            default:
                return source;
        }
    }

    /// <summary>Whether data is uncompressed, by its first bytes.</summary>
    internal static bool IsPlain(ReadOnlySpan<byte> first) => DetectFormat(first) is null;

    /// <summary>
    /// Compresses into <paramref name="target"/>, which stays open, on all processors: into zstd frames with
    /// a seek table, or gzip members, of 1 MiB each. Disposing completes the data.
    /// </summary>
    public static Stream OpenWrite(Stream target, CompressionFormat compression) => compression switch
    {
        CompressionFormat.Zstd => new ZstdFrameWriter(target, ZstdLevel),
        CompressionFormat.Gzip => new GzipMemberWriter(target),
        _ => new Uncompressed(target),
    };

    /// <summary>Detects the format by the first bytes; null for uncompressed data.</summary>
    private static string? DetectFormat(ReadOnlySpan<byte> first) => first switch
    {
        [0x28, 0xB5, 0x2F, 0xFD, ..] or [>= 0x50 and <= 0x5F, 0x2A, 0x4D, 0x18, ..] => Zstd,
        [0x1F, 0x8B, ..] => Gzip,
        [(byte)'B', (byte)'Z', (byte)'h', ..] => throw NotUnderstood("bzip2"),
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => throw NotUnderstood("xz"),
        [0x04, 0x22, 0x4D, 0x18, ..] => throw NotUnderstood("lz4"),
        _ => null,
    };

    /// <summary>
    /// What is wrong with compressed data. For one flipped bit in gzip data, .NET says "an unsupported
    /// compression method".
    /// </summary>
    internal static string Why(string format, InvalidDataException failure) =>
        format != Gzip ? failure.Message
            : failure.Message.Contains("truncated", StringComparison.OrdinalIgnoreCase) ? "truncated" : "corrupt data";

    private static CompressionException NotUnderstood(string format) =>
        new(format, 0, "is not understood") { Remedy = $"decompress it first, or compress it with zstd or gzip" };

    private sealed class Uncompressed(Stream target) : OneWayStream(writes: true)
    {
        public override void Write(ReadOnlySpan<byte> buffer) => target.Write(buffer);

        public override void Flush() => target.Flush();
    }
}
