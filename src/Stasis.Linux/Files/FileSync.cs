using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>Brings files to the disk (fsync(2), syncfs(2)), and drops them from the page cache.</summary>
public static class FileSync
{
    // More fsyncs than that take longer than a sync of the file system.
    private const int MaxFsyncs = 200;

    /// <summary>Syncs the file system that holds <paramref name="path"/> (syncfs(2)).</summary>
    public static void SyncFileSystem(string path)
    {
        using var handle = Libc.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0);
        if (handle.IsInvalid || Libc.syncfs(handle) != 0)
            throw LinuxException.Last("syncfs", path);
    }

    /// <summary>
    /// Syncs every regular file and folder of a tree. Links are not followed. Unlike <see cref="SyncFileSystem"/>, doesn't write what other
    /// processes have written elsewhere.
    /// </summary>
    public static void SyncTree(string path)
    {
        using var folder = DirectoryHandle.Open(path);
        // First all of it is on its way, so that the first fsync waits for the writing of all, and the others find little to do.
        Visit(folder, path, StartWriting, null);
        Visit(folder, path, Sync, Sync);
    }

    /// <summary>Like <see cref="SyncTree(string)"/>; but syncs the file system if the tree has more than 200 files and folders.</summary>
    public static void SyncTreeOrFileSystem(string path)
    {
        var left = MaxFsyncs;
        bool hasMore;
        using (var folder = DirectoryHandle.Open(path))
            hasMore = HasMore(folder, ref left);
        if (hasMore)
            SyncFileSystem(path);
        else
            SyncTree(path);
    }

    /// <summary>Syncs a folder: names that were created, changed or removed in it survive a crash of the machine.</summary>
    public static void SyncDirectory(string path)
    {
        using var folder = DirectoryHandle.Open(path);
        Sync(folder.Handle, path);
    }

    /// <summary>Syncs a file. Its name isn't on disk before its folder is.</summary>
    public static void SyncFile(string path)
    {
        using var file = File.OpenHandle(path);
        Sync(file, path);
    }

    /// <summary>Syncs the content of an open file (fdatasync(2)).</summary>
    public static void SyncData(SafeFileHandle file)
    {
        if (Libc.fdatasync(file) != 0)
            throw LinuxException.Last("fdatasync");
    }

    /// <summary>
    /// Drops a part of a file from the page cache, as far as it is on the disk; all from the offset on if the length is 0. Errors
    /// are ignored.
    /// </summary>
    public static void DropCached(SafeFileHandle file, long offset, long length) =>
        _ = Libc.posix_fadvise(file, offset, length, Libc.POSIX_FADV_DONTNEED);

    private static bool HasMore(DirectoryHandle folder, ref int left)
    {
        foreach (var name in folder.Names())
        {
            var status = folder.Stat(name);
            if ((status.IsDirectory || status.IsRegularFile) && left-- == 0)
                return true;
            if (!status.IsDirectory)
                continue;
            using var child = folder.OpenFolder(name);
            if (HasMore(child, ref left))
                return true;
        }

        return false;
    }

    private static void Visit(
        DirectoryHandle folder, string shown, Action<SafeFileHandle, string> visitFile, Action<SafeFileHandle, string>? visitFolder)
    {
        foreach (var name in folder.Names())
        {
            var status = folder.Stat(name);
            if (!status.IsDirectory && !status.IsRegularFile)
                continue;
            var path = $"{shown}/{Encoding.UTF8.GetString(name)}";
            if (status.IsDirectory)
            {
                using var child = folder.OpenFolder(name);
                Visit(child, path, visitFile, visitFolder);
            }
            else
            {
                using var file = folder.OpenFile(name);
                visitFile(file, path);
            }
        }

        visitFolder?.Invoke(folder.Handle, shown);
    }

    private static void StartWriting(SafeFileHandle file, string shown) =>
        _ = Libc.sync_file_range(file, 0, 0, Libc.SYNC_FILE_RANGE_WRITE);

    private static void Sync(SafeFileHandle file, string shown)
    {
        if (Libc.fsync(file) != 0)
            throw LinuxException.Last("fsync", shown);
    }
}
