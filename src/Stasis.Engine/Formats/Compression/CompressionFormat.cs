namespace Stasis.Engine.Formats.Compression;

/// <summary>The compression of an archive. Readers detect it.</summary>
public enum CompressionFormat
{
    /// <summary>Zstandard: the default, as Podman's.</summary>
    Zstd,
    /// <summary>gzip.</summary>
    Gzip,
    /// <summary>No compression.</summary>
    None,
}
