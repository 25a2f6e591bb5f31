namespace Stasis.Engine.Errors;

/// <summary>An archive can't be read or isn't what it claims. Nothing was created.</summary>
public sealed class ArchiveException(string archive, string? entry, string why, Exception? inner = null)
    : StasisException(entry is null ? $"archive {archive}: {why}" : $"archive {archive}: entry {entry}: {why}", inner)
{
    /// <summary>It can't be opened.</summary>
    internal static ArchiveException CantOpen(string archive, string wanted, Exception inner) =>
        new(archive, null, Directory.Exists(archive) ? $"it is a folder, not {wanted}" : FileFailure.Why(inner), inner) { Remedy = "check the path" };

    /// <summary>The archive's path as the user gave it, or "-".</summary>
    public string Archive { get; } = archive;

    /// <summary>It may be read, but isn't signed as it was required to be.</summary>
    public bool IsUntrusted { get; init; }

    /// <summary>The entry within it, if one is to blame.</summary>
    public string? Entry { get; } = entry;
}
