using Stasis.Linux.Files;

namespace Stasis.Engine.Storage;

/// <summary>
/// A folder for what isn't whole yet, under <see cref="Layout.Staging"/>. While its maker lives it holds a lock; what is left behind
/// by a maker that died is removed by <see cref="RemoveAbandoned"/>. Parts are moved out by rename once they are whole.
/// </summary>
internal sealed class StagingFolder : IDisposable
{
    /// <summary>Names of an engine's roots in a staging folder, for one operation.</summary>
    public const string Root = "root", RunRoot = "run";

    private readonly FileLock _lock;

    private StagingFolder(string path, FileLock held) => (Path, _lock) = (path, held);

    public string Path { get; }

    /// <summary>The path of a file or folder of that name in the folder.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    public static StagingFolder Create(Layout layout)
    {
        PrivateDirectory.Create(layout.Staging);
        while (true)
        {
            var path = layout.StagingFolder(Guid.NewGuid().ToString("N"));
            var held = FileLock.TryAcquire(path + ".lock");
            // Between the making of the lock file and the locking, another process may have taken it for abandoned.
            if (held is null || !File.Exists(path + ".lock"))
            {
                held?.Dispose();
                continue;
            }
            PrivateDirectory.Create(path);
            return new StagingFolder(path, held);
        }
    }

    /// <summary>Whether there are folders whose makers died. Costs one listing when there are none.</summary>
    public static bool IsAnyAbandoned(Layout layout)
    {
        foreach (var lockFile in LockFiles(layout))
        {
            using var held = FileLock.TryAcquire(lockFile);
            if (held is null)
                continue;
            // The lock's file alone is what a maker that lives leaves in its first instant and its last.
            if (Directory.Exists(FolderOf(lockFile)))
                return true;
            File.Delete(lockFile);
        }
        return false;
    }

    /// <summary>Removes the folders whose makers died.</summary>
    /// <param name="layout">Where they are.</param>
    /// <param name="mayRemove">Asked of each folder that has a <see cref="Root"/>.</param>
    public static void RemoveAbandoned(Layout layout, Func<string, bool> mayRemove)
    {
        foreach (var lockFile in LockFiles(layout))
        {
            using var held = FileLock.TryAcquire(lockFile);
            var folder = FolderOf(lockFile);
            if (held is not null && (!Directory.Exists(System.IO.Path.Combine(folder, Root)) || mayRemove(folder)))
                Remove(folder);
        }
    }

    // Also of folders that have none: a command that was told to use such a folder as its root may have made it again.
    private static IEnumerable<string> LockFiles(Layout layout) => Directory.Exists(layout.Staging)
        ? Directory.GetFileSystemEntries(layout.Staging)
            .Select(path => path.EndsWith(".lock", StringComparison.Ordinal) ? path : path + ".lock").Distinct()
        : [];

    private static string FolderOf(string lockFile) => lockFile[..^".lock".Length];

    public void Dispose()
    {
        Remove(Path);
        _lock.Dispose();
    }

    // The lock file goes last: as long as the folder is there, somebody finds the lock and removes both.
    private static void Remove(string path)
    {
        FileTree.Remove(path);
        File.Delete(path + ".lock");
    }
}
