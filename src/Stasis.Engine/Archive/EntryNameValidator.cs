using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Archive;

/// <summary>Checks names of an archive's entries: a name must be printable, and a path beneath a folder.</summary>
internal static class EntryNameValidator
{
    private const int MaxShownLength = 300;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Checks an entry's name. Returns it without a leading "./" and a trailing slash; empty for the archive's root.</summary>
    /// <exception cref="ArchiveException">
    /// The name is too long, isn't UTF-8, has control characters, or leads out of the folder.
    /// </exception>
    public static string Validate(TarEntry entry, string archive, ArchiveLimits limits)
    {
        if (entry.Name.Length > limits.MaxNameLength)
            throw new ArchiveException(
                archive, null, $"an entry's name of {entry.Name.Length} bytes: more than {limits.MaxNameLength} are refused");
        string name;
        try
        {
            name = Strict.GetString(entry.Name.Span);
        }
        catch (DecoderFallbackException e)
        {
            throw new ArchiveException(archive, null, "an entry's name is not UTF-8", e);
        }

        if (!name.All(TerminalText.IsPrintable))
            throw new ArchiveException(archive, Shown(name), "its name has control characters");
        if (name.StartsWith('/'))
            throw new ArchiveException(archive, name, "its name is absolute");
        if (TarNameParts.HasParentPart(entry.Name.Span))
            throw new ArchiveException(archive, name, "its name climbs out with \"..\"");
        // Podman's names are relative. Other writers prefix them with "./".
        name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        name = name.EndsWith('/') ? name[..^1] : name;
        return name == "." ? "" : name;
    }

    /// <summary>Escapes and shortens a name for messages.</summary>
    public static string Shown(string name) =>
        string.Concat(name.Take(MaxShownLength)
            .Select(c => !TerminalText.IsPrintable(c) || c == '\ufffd' ? $"\\u{(int)c:x4}" : c.ToString()))
            + (name.Length > MaxShownLength ? "…" : "");
}
