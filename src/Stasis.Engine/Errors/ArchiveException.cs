namespace Stasis.Engine.Errors;

/// <summary>An archive can't be read or isn't what it claims to be. Nothing was created.</summary>
public sealed class ArchiveException : StasisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="archive">The archive's path as it was given, or "-".</param>
    /// <param name="entry">The entry within the archive, if one is to blame.</param>
    /// <param name="why">What is wrong.</param>
    /// <param name="inner">The exception that caused the failure, if any.</param>
    public ArchiveException(string archive, string? entry, string why, Exception? inner = null)
        : base(entry is null ? $"archive {archive}: {why}" : $"archive {archive}: entry {entry}: {why}", inner) =>
        (Archive, Entry, Survived) = (archive, entry, Survived.Everything);

    /// <summary>The archive's path as it was given, or "-".</summary>
    public string Archive { get; }

    /// <summary>Whether the archive may be read, but isn't signed as required.</summary>
    public bool IsUntrusted { get; init; }

    /// <summary>The entry within the archive, if one is to blame.</summary>
    public string? Entry { get; }

    /// <summary>The archive can't be opened.</summary>
    internal static ArchiveException CantOpen(string archive, string wanted, Exception inner)
    {
        var why = Directory.Exists(archive) ? $"it is a folder, not {wanted}" : FileErrorText.Why(inner);
        return new ArchiveException(archive, null, why, inner) { Remedy = "check the path" };
    }
}
