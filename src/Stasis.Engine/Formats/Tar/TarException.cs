using Stasis.Engine.Errors;

namespace Stasis.Engine.Formats.Tar;

/// <summary>A tar that can't be read, or an entry that can't be written as one.</summary>
/// <param name="offset">Where in the (uncompressed) tar, in bytes.</param>
/// <param name="entry">The entry's name, as far as it is known.</param>
/// <param name="why">What is wrong.</param>
/// <param name="inner">What was caught, if anything.</param>
internal sealed class TarException(long offset, string? entry, string why, Exception? inner = null)
    : StasisException(entry is null ? $"tar, offset {offset}: {why}" : $"tar, offset {offset}: entry {entry}: {why}", inner)
{
    /// <summary>Where in the (uncompressed) tar, in bytes.</summary>
    public long Offset { get; } = offset;

    /// <summary>The entry's name, as far as it is known.</summary>
    public string? Entry { get; } = entry;

    /// <summary>What is wrong, without place and name.</summary>
    public string Why { get; } = why;
}
