using System.Globalization;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Model;
using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Files of the root file system that processes watch with inotify(7) or fanotify(7). The kernel names a watched file by a handle, which
/// an overlay can't open, so CRIU must find its path (criu/irmap.c). It looks in some well-known folders, and where it is told to.
/// </summary>
internal static class OverlayWatches
{
    private const int MaxPaths = 200; // lines of CRIU's configuration file

    /// <summary>Paths in the container at which CRIU finds the watched files, or beneath.</summary>
    /// <param name="container">A running container.</param>
    /// <param name="root">Where its root file system is mounted on this host.</param>
    public static IReadOnlyList<string> FindPaths(Container container, string root)
    {
        var device = GetKernelNumber(FileStatus.Read(root).ContainingDevice);
        var inodes = ContainerCgroup.Processes(container).SelectMany(ReadWatches).Where(watch => watch.Device == device)
            .Select(watch => watch.Inode).ToHashSet();
        inodes.Remove(FileStatus.Read(root).Inode); // CRIU looks there
        if (inodes.Count == 0)
            return [];
        var paths = Search(root, inodes).Select(path => GetPlainPath(path[root.Length..])).Distinct().ToList();
        return paths.Count <= MaxPaths ? paths : [.. paths.Select(path => "/" + path.Split('/')[1]).Distinct()];
    }

    // "inotify wd:1 ino:4c8 sdev:32 mask:…" or "fanotify ino:…" (proc(5), /proc/PID/fdinfo).
    private static IEnumerable<(ulong Inode, ulong Device)> ReadWatches(int pid)
    {
        var process = FormattableString.Invariant($"/proc/{pid}");
        try
        {
            return
            [
                .. from descriptor in Directory.EnumerateFileSystemEntries($"{process}/fd")
                   where new FileInfo(descriptor).LinkTarget is "anon_inode:inotify" or "anon_inode:[fanotify]"
                   from line in File.ReadAllLines($"{process}/fdinfo/{Path.GetFileName(descriptor)}")
                   let fields = line.Split(' ')
                   where fields[0] is "inotify" or "fanotify" && fields.Any(field => field.StartsWith("ino:", StringComparison.Ordinal))
                   select (ParseHex(fields, "ino:"), ParseHex(fields, "sdev:")),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // the process has ended
        }
    }

    private static ulong ParseHex(string[] fields, string name) => ulong.Parse(
        fields.First(field => field.StartsWith(name, StringComparison.Ordinal)).AsSpan(name.Length),
        NumberStyles.HexNumber,
        CultureInfo.InvariantCulture);

    // What is on another file system is not entered.
    private static IEnumerable<string> Search(string root, HashSet<ulong> inodes)
    {
        var device = FileStatus.Read(root).ContainingDevice;
        var folders = new Queue<string>([root]);
        while (inodes.Count > 0 && folders.TryDequeue(out var folder))
        {
            foreach (var path in ListEntries(folder))
            {
                if (TryReadStatus(path) is not { } status || status.ContainingDevice != device)
                    continue;
                if (inodes.Remove(status.Inode))
                    yield return path;
                if (status.IsDirectory)
                    folders.Enqueue(path);
            }
        }
    }

    // The container goes on and may remove a folder, or make paths that are too long: CRIU then says what it didn't find.
    private static string[] ListEntries(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static FileStatus? TryReadStatus(string path)
    {
        try
        {
            return FileStatus.TryRead(path);
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    // CRIU's configuration file ends a path at a space. It searches beneath a folder too.
    private static string GetPlainPath(string path)
    {
        while (path.Any(c => c is <= ' ' or > '~' or '"' or '#' or '\\'))
            path = path[..path.LastIndexOf('/')];
        return path.Length == 0 ? "/." : path;
    }

    // From stat's form of a device number to the kernel's own (linux/kdev_t.h).
    private static ulong GetKernelNumber(ulong device)
    {
        var major = ((device >> 8) & 0xFFF) | ((device >> 32) & ~0xFFFUL);
        var minor = (device & 0xFF) | ((device >> 12) & ~0xFFUL & 0xFFFFF);
        return major << 20 | minor;
    }
}
