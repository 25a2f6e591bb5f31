namespace Stasis.Engine.Criu;

/// <summary>
/// Removes the empty folders of a killed CRIU from /tmp, in which it mounts for a moment what it restores (criu/mount.c:
/// "/tmp/.criu.mntns.XXXXXX"). Only a restore without a jail can leave one on the host.
/// </summary>
internal static class AbandonedMountFolders
{
    private const string Folder = "/tmp", Pattern = ".criu.mntns.*";

    // Between the making of its folder and the mount in it, a CRIU needs microseconds.
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(1);

    /// <summary>Removes those that are empty and that no process has mounted anything in.</summary>
    public static void Remove()
    {
        var limit = DateTime.UtcNow - Young;
        var left = Find().Where(path => Directory.GetLastWriteTimeUtc(path) < limit).ToList();
        if (left.Count == 0)
            return;
        var mounted = Directory.EnumerateDirectories("/proc").Where(path => Path.GetFileName(path).All(char.IsAsciiDigit))
            .Select(path => TryRead(Path.Combine(path, "mountinfo"))).Distinct().ToList();
        foreach (var path in left.Where(path => !mounted.Any(mounts => mounts.Contains(path, StringComparison.Ordinal))))
            TryRemove(path);
    }

    private static string[] Find() => Directory.Exists(Folder) ? Directory.GetDirectories(Folder, Pattern) : [];

    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // the process has ended
        }
    }

    private static void TryRemove(string path)
    {
        try
        {
            Directory.Delete(path);
        }
        catch (IOException)
        {
            // It isn't empty, or another process was faster.
        }
    }
}
