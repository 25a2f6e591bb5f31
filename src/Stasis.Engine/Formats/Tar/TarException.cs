using Stasis.Engine.Errors;

namespace Stasis.Engine.Formats.Tar;

/// <summary>A tar can't be read, or an entry can't be written to a tar.</summary>
/// <param name="offset">The offset in the uncompressed tar, in bytes.</param>
/// <param name="entry">The entry's name, if it is known.</param>
/// <param name="why">What is wrong.</param>
/// <param name="inner">What was caught, if anything.</param>
internal sealed class TarException(long offset, string? entry, string why, Exception? inner = null)
    : StasisException(entry is null ? $"tar, offset {offset}: {why}" : $"tar, offset {offset}: entry {entry}: {why}", inner)
{
    /// <summary>The offset in the uncompressed tar, in bytes.</summary>
    public long Offset { get; } = offset;

    /// <summary>The entry's name, if it is known.</summary>
    public string? Entry { get; } = entry;

    /// <summary>What is wrong, without offset and name.</summary>
    public string Why { get; } = why;
}
