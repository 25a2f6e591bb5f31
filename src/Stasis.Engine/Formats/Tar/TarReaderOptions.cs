namespace Stasis.Engine.Formats.Tar;

/// <summary>How strictly a tar is read.</summary>
internal sealed record TarReaderOptions
{
    /// <summary>Most bytes that names, extended attributes and sparse maps of one entry may take together.</summary>
    public int MaximumHeader { get; init; } = 1 << 20;

    /// <summary>A tar without zero blocks at its end is an error. Without this it may end after any entry.</summary>
    public bool RequireEndMarker { get; init; } = true;
}
