namespace Stasis.Engine.Vetting.Images;

/// <summary>Judges paths in images.</summary>
internal static class ImagePathSyntax
{
    private const int MaxPathLength = 4095; // PATH_MAX, with its zero: CRIU copies paths into buffers of that size

    /// <summary>Whether a path is absolute and has no empty parts, "." and "..".</summary>
    public static bool IsPlain(string path)
    {
        if (path.Length is 0 or > MaxPathLength || path[0] != '/')
            return false;
        if (path.Length == 1)
            return true;
        foreach (var part in path.AsSpan(1).Split('/'))
        {
            if (path.AsSpan(1)[part] is "" or "." or "..")
                return false;
        }
        return true;
    }

    /// <summary>Whether a path equals a folder or lies in it.</summary>
    public static bool IsWithin(string path, string folder) =>
        folder == "/" || path == folder
            || (path.Length > folder.Length && path[folder.Length] == '/' && path.StartsWith(folder, StringComparison.Ordinal));

    /// <summary>The part of a path beneath a folder that it lies in: empty, or with a slash at its beginning.</summary>
    public static string Beneath(string path, string folder) =>
        folder == "/" ? (path == "/" ? "" : path) : path[folder.Length..];

    /// <summary>The directory that a plain path lies in; "/" for "/" itself.</summary>
    public static string Parent(string path) => path.LastIndexOf('/') is var slash and > 0 ? path[..slash] : "/";

    /// <summary>The last name of a plain path; empty for "/".</summary>
    public static string LastName(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>A path beneath a directory, given with a slash at its beginning or empty.</summary>
    public static string Join(string folder, string beneath) =>
        folder == "/" ? (beneath.Length == 0 ? "/" : beneath) : folder + beneath;

    /// <summary>
    /// Whether a part of a path is a name that CRIU gives to files of its own while it restores (criu/files-reg.c: ghost_path,
    /// create_link_remap, open_path; criu/sk-unix.c: UNIX_GHOST_FMT; criu/mount.c). A program has no file of such a name, and one in
    /// an image would lead CRIU to what it has made for another.
    /// </summary>
    public static bool HasNameOfCriu(string path)
    {
        foreach (var part in path.AsSpan().Split('/'))
        {
            if (IsNameOfCriu(path.AsSpan()[part]))
                return true;
        }
        return false;
    }

    private static bool IsNameOfCriu(ReadOnlySpan<char> name) =>
        (name.EndsWith(".ghost") && name.IndexOf(".cr.") >= 0) || name.EndsWith(".cr_link") || name.EndsWith(".criu-sk-ghost")
        || name.StartsWith("link_remap.") || name.StartsWith(".criu.");
}
