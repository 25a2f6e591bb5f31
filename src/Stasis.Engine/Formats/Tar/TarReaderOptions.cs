namespace Stasis.Engine.Formats.Tar;

/// <summary>How strictly a tar is read.</summary>
internal sealed record TarReaderOptions
{
    /// <summary>How many bytes names, extended attributes and sparse maps of one entry may take together.</summary>
    public int MaximumHeader { get; init; } = 1 << 20;

    /// <summary>Whether a tar must end with zero blocks. Otherwise it may end after any entry.</summary>
    public bool RequireEndMarker { get; init; } = true;
}
