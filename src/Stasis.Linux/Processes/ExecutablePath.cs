using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>Finds programs as a shell does.</summary>
public static class ExecutablePath
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const int Executable = 1; // X_OK

    /// <summary>
    /// A program's full path on PATH; the name itself if it has a slash and is executable; null if there is no such program.
    /// </summary>
    /// <param name="program">Name or path of the program.</param>
    /// <param name="path">Folders to search, separated by colons; null for this process's PATH.</param>
    public static string? Find(string program, string? path = null)
    {
        if (program.Contains('/'))
            return IsExecutable(program) ? program : null;
        path ??= Environment.GetEnvironmentVariable("PATH") ?? DefaultPath;
        var folders = path.Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string path) => File.Exists(path) && Libc.access(path, Executable) == 0;
}
