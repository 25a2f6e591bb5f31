namespace Stasis.Engine.Formats.Tar;

/// <summary>Whether an entry of a tree is packed.</summary>
internal enum TarPackerChoice
{
    /// <summary>The entry is packed.</summary>
    Take,
    /// <summary>The entry isn't packed; entries in a folder are.</summary>
    Skip,
    /// <summary>Neither the entry nor anything in it is packed.</summary>
    SkipTree,
}

/// <summary>Which entries of a tree are packed, and how.</summary>
internal sealed record TarPackerOptions
{
    /// <summary>Decides which entries are packed; null packs all. The filter isn't called for the root.</summary>
    public TarPackerFilter? Filter { get; init; }

    /// <summary>
    /// Whether an extended attribute is packed. By default, all but overlayfs' own and SELinux labels are,
    /// which have no meaning elsewhere.
    /// </summary>
    public Func<string, bool> TakesXattr { get; init; } = IsPortable;

    /// <summary>Whether the root itself is the first entry, named "./".</summary>
    public bool IncludeRoot { get; init; }

    /// <summary>The prefix of every name, for example "checkpoint/".</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Whether files with holes are stored sparse (pax format 1.0).</summary>
    public bool Sparse { get; init; }

    /// <summary>
    /// Whether the tree is an unpacked layer, so that overlayfs' whiteouts and opaque folders are written as in a layer of an OCI image.
    /// <see cref="TarExtractorOptions.Whiteouts"/> is the reverse.
    /// </summary>
    public bool Whiteouts { get; init; }

    /// <summary>Receives the number of bytes of the tar so far.</summary>
    public IProgress<long>? Progress { get; init; }

    internal static bool IsPortable(string attribute) =>
        !attribute.StartsWith("trusted.overlay.", StringComparison.Ordinal) && attribute is not "security.selinux";
}
