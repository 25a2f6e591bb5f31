namespace Stasis.Engine.Formats.Compression;

/// <summary>Bytes that can be read at any offset, by several threads at once.</summary>
internal interface IRandomAccessSource
{
    /// <summary>How many there are.</summary>
    long Length { get; }

    /// <summary>Reads from an offset on. Fills the target; returns less than its length only at the end.</summary>
    /// <exception cref="IOException">They can't be read.</exception>
    int ReadAt(long offset, Span<byte> target);
}
