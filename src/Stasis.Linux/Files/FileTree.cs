using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>Folder trees.</summary>
public static class FileTree
{
    // Of a tree nested deeper, which a container may have made, lower folders are moved up: each level holds a descriptor.
    private const int MaximumDepth = 128;

    private const int MostSyncedSingly = 200;

    // Who writes into a folder while it is removed finds it gone sooner or later, and each time has to hit the moment between its last file and itself.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly Libc.OpenHow FolderHere = new()
    {
        Flags = (ulong)(Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC),
        Resolve = Libc.RESOLVE_BENEATH | Libc.RESOLVE_NO_SYMLINKS | Libc.RESOLVE_NO_XDEV,
    };

    /// <summary>Removes a tree, never following a link nor crossing into a mount, and what is written into it meanwhile. Nothing if it isn't there.</summary>
    /// <exception cref="LinuxException">EBUSY or EXDEV: something is mounted in it. What lies around it may be removed already, nothing of what is mounted.</exception>
    public static void Remove(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        using var parent = Libc.open(Path.GetDirectoryName(path)!, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        if (parent.IsInvalid)
        {
            if (LinuxException.LastErrno is Errno.ENOENT or Errno.ENOTDIR)
                return;
            throw LinuxException.Last("open", Path.GetDirectoryName(path));
        }

        RemoveAt(parent, Encoding.UTF8.GetBytes(Path.GetFileName(path)), path);
    }

    /// <summary>As <see cref="Remove(string)"/>, of a name in an open folder.</summary>
    public static void Remove(SafeFileHandle directory, ReadOnlySpan<byte> name) => RemoveAt(directory, name.ToArray(), Encoding.UTF8.GetString(name));

    /// <summary>Gives a file another name (link(2)). A link is not followed.</summary>
    /// <exception cref="LinuxException">E.g. EXDEV: the names would be on different file systems.</exception>
    public static void Link(string existing, string name)
    {
        if (Libc.linkat(Libc.AT_FDCWD, existing, Libc.AT_FDCWD, name, 0) != 0)
            throw LinuxException.Last("link", name);
    }

    /// <summary>fsyncs the file system that holds <paramref name="path"/> (syncfs).</summary>
    public static void SyncFileSystem(string path)
    {
        using var handle = Libc.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0);
        if (handle.IsInvalid || Libc.syncfs(handle) != 0)
            throw LinuxException.Last("syncfs", path);
    }

    /// <summary>fsyncs every regular file and every folder of a tree; links in it are not followed. Cheaper for others than a sync of their file system too.</summary>
    public static void SyncTree(string path)
    {
        using var folder = DirectoryHandle.Open(path);
        SyncTree(folder, path);
    }

    /// <summary>As <see cref="SyncTree(string)"/>; or if it has more than 200 files and folders, of which each fsync would cost more than that, all of its file system.</summary>
    public static void SyncAnyTree(string path)
    {
        var left = MostSyncedSingly;
        bool hasMore;
        using (var folder = DirectoryHandle.Open(path))
            hasMore = HasMore(folder, ref left);
        if (hasMore)
            SyncFileSystem(path);
        else
            SyncTree(path);
    }

    /// <summary>fsyncs a folder: after it, what was created, renamed or removed in it stays so.</summary>
    public static void SyncDirectory(string path)
    {
        using var folder = DirectoryHandle.Open(path);
        Sync(folder.Handle, path);
    }

    /// <summary>fdatasync: what was written to an open file until now is on the disk after it.</summary>
    public static void SyncData(SafeFileHandle file)
    {
        if (Libc.fdatasync(file) != 0)
            throw LinuxException.Last("fdatasync");
    }

    /// <summary>Has a part of a file leave the page cache, as far as it is on the disk; all from the offset on if the length is 0. Only advice: that the file system doesn't know it is no error.</summary>
    public static void DropCached(SafeFileHandle file, long offset, long length) => _ = Libc.posix_fadvise(file, offset, length, Libc.POSIX_FADV_DONTNEED);

    private static bool HasMore(DirectoryHandle folder, ref int most)
    {
        foreach (var name in folder.Names())
        {
            var status = folder.Stat(name);
            if ((status.IsDirectory || status.IsRegularFile) && most-- == 0)
                return true;
            if (!status.IsDirectory)
                continue;
            using var child = folder.OpenFolder(name);
            if (HasMore(child, ref most))
                return true;
        }

        return false;
    }

    private static void SyncTree(DirectoryHandle folder, string shown)
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
                SyncTree(child, path);
            }
            else
            {
                using var file = folder.OpenFile(name);
                Sync(file, path);
            }
        }

        Sync(folder.Handle, shown);
    }

    private static void Sync(SafeFileHandle file, string shown)
    {
        if (Libc.fsync(file) != 0)
            throw LinuxException.Last("fsync", shown);
    }

    private static void RemoveAt(SafeFileHandle parent, byte[] name, string shown)
    {
        using var entry = new CName(name);
        if (Libc.unlinkat(parent, entry.Terminated, 0) == 0 || LinuxException.LastErrno == Errno.ENOENT)
            return;
        if (LinuxException.LastErrno is not (Errno.EISDIR or Errno.EPERM)) // EPERM: what POSIX asks for in place of Linux' EISDIR
            throw LinuxException.Last("unlink", shown);

        for (var begun = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                RemoveFolder(parent, entry, shown);
                return;
            }
            catch (LinuxException e) when (e.Errno == Errno.ENOTEMPTY && Stopwatch.GetElapsedTime(begun) < Patience)
            {
                // Someone has written into it meanwhile, such as a page server that notes how far it is.
            }
        }
    }

    private static void RemoveFolder(SafeFileHandle parent, CName entry, string shown)
    {
        using (var top = Libc.openat2(parent, entry.Terminated, FolderHere))
        {
            if (top.IsInvalid && LinuxException.LastErrno == Errno.ENOENT)
                return;
            if (top.IsInvalid)
                throw LinuxException.Last("open", shown);
            int moved = 0, before;
            do
            {
                before = moved;
                _ = Libc.lseek(top, 0, Libc.SEEK_SET);
                Empty(top, top, 0, ref moved, shown);
            }
            while (moved != before);
        }

        if (Libc.unlinkat(parent, entry.Terminated, Libc.AT_REMOVEDIR) != 0 && LinuxException.LastErrno != Errno.ENOENT)
            throw LinuxException.Last("rmdir", shown);
    }

    private static void Empty(SafeFileHandle top, SafeFileHandle directory, int depth, ref int moved, string shown)
    {
        foreach (var name in DirectoryHandle.ReadNames(directory))
        {
            using var entry = new CName(name);
            if (Libc.unlinkat(directory, entry.Terminated, 0) == 0 || LinuxException.LastErrno == Errno.ENOENT)
                continue;
            var path = $"{shown}/{Encoding.UTF8.GetString(name)}";
            if (LinuxException.LastErrno is not (Errno.EISDIR or Errno.EPERM))
                throw LinuxException.Last("unlink", path);

            if (depth >= MaximumDepth)
            {
                MoveUp(top, directory, entry, ref moved, path);
                continue;
            }

            using (var child = Libc.openat2(directory, entry.Terminated, FolderHere))
            {
                if (child.IsInvalid)
                    throw LinuxException.Last("open", path);
                Empty(top, child, depth + 1, ref moved, path);
            }

            if (Libc.unlinkat(directory, entry.Terminated, Libc.AT_REMOVEDIR) != 0 && LinuxException.LastErrno != Errno.ENOENT)
                throw LinuxException.Last("rmdir", path);
        }
    }

    private static void MoveUp(SafeFileHandle top, SafeFileHandle directory, CName entry, ref int moved, string path)
    {
        do
        {
            using var free = new CName(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $".moved-up-{moved++}")));
            if (Libc.renameat(directory, entry.Terminated, top, free.Terminated) == 0)
                return;
        }
        while (LinuxException.LastErrno is Errno.EEXIST or Errno.ENOTEMPTY or Errno.ENOTDIR);
        throw LinuxException.Last("rename", path);
    }
}
