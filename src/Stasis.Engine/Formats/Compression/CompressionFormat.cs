namespace Stasis.Engine.Formats.Compression;

/// <summary>How an archive is compressed. Reading finds out by itself.</summary>
public enum CompressionFormat
{
    /// <summary>Zstandard: the default, as Podman's.</summary>
    Zstd,
    /// <summary>gzip.</summary>
    Gzip,
    /// <summary>Not at all.</summary>
    None,
}
