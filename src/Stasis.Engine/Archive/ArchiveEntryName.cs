using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;

namespace Stasis.Engine.Archive;

/// <summary>The name of an archive's entry: one that can be shown to a person and be a path beneath a folder.</summary>
internal static class ArchiveEntryName
{
    private const int LongestShown = 300;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Its name without "./" before it and a slash behind it; empty for the archive's own folder.</summary>
    /// <exception cref="ArchiveException">It isn't one.</exception>
    public static string Validate(TarEntry entry, string archive, ArchiveLimits limits)
    {
        if (entry.Name.Length > limits.MaxNameLength)
            throw new ArchiveException(archive, null, $"an entry's name of {entry.Name.Length} bytes: more than {limits.MaxNameLength} are refused");
        string name;
        try
        {
            name = Strict.GetString(entry.Name.Span);
        }
        catch (DecoderFallbackException e)
        {
            throw new ArchiveException(archive, null, "an entry's name is not UTF-8", e);
        }

        if (name.Any(char.IsControl))
            throw new ArchiveException(archive, Shown(name), "its name has control characters");
        if (name.StartsWith('/'))
            throw new ArchiveException(archive, name, "its name is absolute");
        if (TarNames.Climbs(entry.Name.Span))
            throw new ArchiveException(archive, name, "its name climbs out with \"..\"");
        // Podman's names are relative; other writers put "./" before them.
        name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        name = name.EndsWith('/') ? name[..^1] : name;
        return name == "." ? "" : name;
    }

    /// <summary>A name for people, whatever is in it, and however long it is.</summary>
    public static string Shown(string name) =>
        string.Concat(name.Take(LongestShown).Select(c => char.IsControl(c) || c == '\ufffd' ? $"\\u{(int)c:x4}" : c.ToString())) + (name.Length > LongestShown ? "…" : "");
}
