namespace Stasis.Linux.Files;

/// <summary>Folders that only their owner may enter.</summary>
public static class PrivateDirectory
{
    /// <summary>Mode 0700.</summary>
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// Creates a folder and each missing folder above it, all with <see cref="Mode"/>. (<see cref="Directory.CreateDirectory(string,
    /// UnixFileMode)"/> gives the mode to the last folder alone; those above it get what the umask leaves of 0777.) Folders that exist
    /// keep their modes.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="durable">Whether folders that are created outlive a crash of the machine.</param>
    public static void Create(string path, bool durable = false)
    {
        if (Directory.Exists(path))
            return;
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path));
        if (parent is { Length: > 0 })
            Create(parent, durable);
        Directory.CreateDirectory(path, Mode);
        if (durable)
            FileSync.SyncDirectory(parent is { Length: > 0 } ? parent : ".");
    }
}
