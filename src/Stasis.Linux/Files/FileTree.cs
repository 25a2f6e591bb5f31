using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>Removes folder trees, and links files.</summary>
public static class FileTree
{
    // Each level holds a descriptor. In a deeper tree, which a container may have made, lower folders are moved up.
    private const int MaximumDepth = 128;

    // How long to try again if other processes write into a folder while it is removed.
    private static readonly TimeSpan RetryLimit = TimeSpan.FromSeconds(10);

    private static readonly Libc.OpenHow FolderHere = new()
    {
        Flags = (ulong)(Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC),
        Resolve = Libc.RESOLVE_BENEATH | Libc.RESOLVE_NO_SYMLINKS | Libc.RESOLVE_NO_XDEV,
    };

    /// <summary>
    /// Removes a file or a tree, and what other processes write into it meanwhile. Doesn't follow links, and doesn't cross into
    /// mounts. Does nothing if there is nothing.
    /// </summary>
    /// <exception cref="LinuxException">
    /// EBUSY or EXDEV: something is mounted in the tree. Its files around the mount may be removed.
    /// </exception>
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

    /// <summary>Like <see cref="Remove(string)"/>, for a name in an open folder.</summary>
    public static void Remove(SafeFileHandle directory, ReadOnlySpan<byte> name) =>
        RemoveAt(directory, name.ToArray(), Encoding.UTF8.GetString(name));

    /// <summary>Gives a file another name (link(2)). A symbolic link is linked itself.</summary>
    /// <exception cref="LinuxException">EXDEV if the names are on different file systems, EEXIST if the name is taken.</exception>
    public static void Link(string existing, string name)
    {
        if (Libc.linkat(Libc.AT_FDCWD, existing, Libc.AT_FDCWD, name, 0) != 0)
            throw LinuxException.Last("link", name);
    }

    /// <summary>Gives each file of a folder, not of its subfolders, the same name in another folder too.</summary>
    /// <exception cref="LinuxException">As <see cref="Link"/>; the files before stay linked.</exception>
    public static void LinkFiles(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from))
            Link(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static void RemoveAt(SafeFileHandle parent, byte[] name, string shown)
    {
        using var entry = new CName(name);
        if (Libc.unlinkat(parent, entry.Terminated, 0) == 0 || LinuxException.LastErrno == Errno.ENOENT)
            return;
        if (LinuxException.LastErrno is not (Errno.EISDIR or Errno.EPERM)) // Linux says EISDIR, POSIX EPERM
            throw LinuxException.Last("unlink", shown);

        for (var begun = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                RemoveFolder(parent, entry, shown);
                return;
            }
            catch (LinuxException e) when (e.Errno == Errno.ENOTEMPTY && Stopwatch.GetElapsedTime(begun) < RetryLimit)
            {
                // Another process has written into the folder meanwhile, for example a page server its progress record.
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
