namespace Stasis.Engine.Formats.Tar;

/// <summary>Whether an entry of a tree goes into its tar.</summary>
internal enum TarPackerChoice
{
    /// <summary>It does.</summary>
    Take,
    /// <summary>It doesn't; of a folder what lies in it does.</summary>
    Skip,
    /// <summary>Neither it nor anything in it does.</summary>
    SkipTree,
}

/// <summary>What of a tree goes into a tar, and how.</summary>
internal sealed record TarPackerOptions
{
    /// <summary>Decides what is taken; null takes all. It isn't asked about the root.</summary>
    public TarPackerFilter? Filter { get; init; }

    /// <summary>Whether an extended attribute is taken. By default all are but overlayfs' own and SELinux labels, which mean something only where they are.</summary>
    public Func<string, bool> TakesXattr { get; init; } = IsPortable;

    /// <summary>The root itself is the first entry, named "./".</summary>
    public bool IncludeRoot { get; init; }

    /// <summary>Put before each name, e.g. "checkpoint/".</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Files with holes are stored sparse (pax format 1.0).</summary>
    public bool Sparse { get; init; }

    /// <summary>
    /// The tree is an unpacked layer: overlayfs' whiteouts and opaque folders are written as a layer of an OCI image has them
    /// (<see cref="TarExtractorOptions.Whiteouts"/> is the reverse).
    /// </summary>
    public bool Whiteouts { get; init; }

    /// <summary>Told how many bytes the tar has so far.</summary>
    public IProgress<long>? Progress { get; init; }

    internal static bool IsPortable(string attribute) =>
        !attribute.StartsWith("trusted.overlay.", StringComparison.Ordinal) && attribute is not "security.selinux";
}
