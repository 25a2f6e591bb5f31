using Stasis.Engine.Errors;
using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.Engine.Storage;

/// <summary>
/// Keeps other users of the host out of the root and the run root: beneath them are files of containers with their owners and modes,
/// setuid programs in volumes too, and memory.
/// </summary>
internal static class RootPermissions
{
    private const uint OwnerOnly = 0x1C0; // 0700

    private const UnixFileMode OfOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>
    /// Gives the two folders mode 0700 if others may enter them: older versions made them so, or somebody else. A folder that also holds
    /// what isn't Stasis's (<c>--runroot /run</c>) keeps its mode, which other programs may need. Costs two system calls if all is well.
    /// </summary>
    /// <param name="layout">The two folders. They need not exist.</param>
    /// <param name="warn">Told about a folder that others can enter still.</param>
    public static void Restrict(Layout layout, Action<string> warn)
    {
        Restrict(layout.Root, warn);
        Restrict(layout.RunRoot, warn);
    }

    private static void Restrict(string folder, Action<string> warn)
    {
        try
        {
            if (!Directory.Exists(folder) || (File.GetUnixFileMode(folder) & OfOthers) == 0)
                return;
            var entries = Directory.GetFileSystemEntries(folder);
            if (Array.Find(entries, entry => !Layout.IsRootEntry(entry)) is { } foreign)
            {
                warn($"{folder}: other users may enter it, and it isn't changed, since it holds {Path.GetFileName(foreign)}, which isn't "
                    + "Stasis's: use a folder of its own, or chmod 700 it");
                return;
            }
            using var opened = RootedPath.Open(folder);
            opened.SetMode(".", OwnerOnly);
            foreach (var entry in entries.Where(entry => FileStatus.TryRead(entry) is { IsDirectory: true }))
                opened.SetMode(Path.GetFileName(entry), OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LinuxException)
        {
            warn($"{folder}: other users may enter it, and its mode can't be changed: {FileErrorText.Why(e)}: chmod 700 it");
        }
    }
}
