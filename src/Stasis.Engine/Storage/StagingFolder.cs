using Stasis.Linux.Files;

namespace Stasis.Engine.Storage;

/// <summary>
/// A folder for what isn't whole yet, under <see cref="Layout.Staging"/>. While its maker lives it holds a lock; what is left behind
/// by a maker that died is removed by <see cref="RemoveAbandoned"/>. Parts are moved out by rename once they are whole.
/// </summary>
internal sealed class StagingFolder : IDisposable
{
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

    /// <summary>Removes the folders whose makers died, and tells whether there were any. Costs one listing when there are none.</summary>
    public static bool RemoveAbandoned(Layout layout)
    {
        var found = false;
        if (!Directory.Exists(layout.Staging))
            return found;
        foreach (var lockFile in Directory.EnumerateFiles(layout.Staging, "*.lock"))
        {
            using var held = FileLock.TryAcquire(lockFile);
            if (held is null)
                continue;
            Remove(lockFile[..^".lock".Length]);
            found = true;
        }
        return found;
    }

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
