using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.Engine.Errors;

/// <summary>
/// What a failed file operation says to a person: the kernel's reason, where .NET names the operation and the path a
/// second time.
/// </summary>
internal static class FileErrorText
{
    /// <summary>The reason alone, e.g. "No such file or directory"; the whole message of what says more than that.</summary>
    public static string Why(Exception failure) =>
        failure is LinuxException or StasisException || ErrnoOf(failure) is not { } errno ? failure.Message : errno.Describe();

    /// <summary>The failure's own remedy; for a full file system, that of <paramref name="folder"/>, where to make room.</summary>
    public static Remedy? Remedy(Exception failure, string folder) =>
        (failure as StasisException)?.Remedy ?? (IsFull(failure) ? MakeRoom(folder) : null);

    /// <summary>Whether a file system was full, or a quota used up. Of what a program says only its words are known.</summary>
    public static bool IsFull(Exception failure) =>
        ErrnoOf(failure) is Errno.ENOSPC or Errno.EDQUOT
        || failure.Message.Contains("no space left on device", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// What to do about the file system of a folder, which is named by where it is mounted: the folder may be a
    /// temporary one, gone when this is read.
    /// </summary>
    public static string MakeRoom(string folder)
    {
        var path = MountPoint(folder);
        return $"make room on the file system of {path} (df -h {path})";
    }

    // A mount of the same file system at another place isn't told from a folder: it has the same room.
    private static string MountPoint(string folder)
    {
        try
        {
            if (RealPath.TryResolve(folder) is not { } path)
                return folder;
            while (Path.GetDirectoryName(path) is { } parent
                && FileStatus.Read(parent).ContainingDevice == FileStatus.Read(path).ContainingDevice)
                path = parent;
            return path;
        }
        catch (LinuxException)
        {
            return folder; // it is another failure that is told here
        }
    }

    // .NET keeps the error number as HResult where it has no exception of its own for it.
    private static Errno? ErrnoOf(Exception failure) => failure switch
    {
        LinuxException linux => linux.Errno,
        FileNotFoundException or DirectoryNotFoundException => Errno.ENOENT,
        UnauthorizedAccessException => Errno.EACCES,
        IOException { HResult: > 0 and < 4096 } io => (Errno)io.HResult,
        _ => null,
    };
}
