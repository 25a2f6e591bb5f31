namespace Stasis.Engine.Vetting.Images;

/// <summary>Judges paths in images.</summary>
internal static class ImagePaths
{
    private const int LongestPath = 4095; // PATH_MAX, with its zero: CRIU copies paths into buffers of that size

    /// <summary>Whether a path is absolute and has no empty parts, "." and "..".</summary>
    public static bool IsPlain(string path) =>
        path.Length is > 0 and <= LongestPath && path[0] == '/'
            && (path.Length == 1 || !path[1..].Split('/').Any(part => part is "" or "." or ".."));

    /// <summary>Whether a path equals a folder or lies in it.</summary>
    public static bool IsWithin(string path, string folder) =>
        folder == "/" || path == folder
            || (path.Length > folder.Length && path[folder.Length] == '/' && path.StartsWith(folder, StringComparison.Ordinal));
}
