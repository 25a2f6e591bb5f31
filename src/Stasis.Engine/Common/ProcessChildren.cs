using System.Globalization;

namespace Stasis.Engine.Common;

/// <summary>The children of processes (proc_tid_children(5)).</summary>
internal static class ProcessChildren
{
    /// <summary>The children of a process; none if it has ended.</summary>
    public static IReadOnlyList<int> Read(int pid)
    {
        try
        {
            return
            [
                .. Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task"))
                    .SelectMany(task => ReadList(Path.Combine(task, "children"))),
            ];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>The children of a process, their children, and so on.</summary>
    public static IReadOnlyList<int> ReadAll(int pid) => [.. Read(pid).SelectMany(child => (int[])[child, .. ReadAll(child)])];

    private static IEnumerable<int> ReadList(string file)
    {
        try
        {
            return
            [
                .. File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(child => int.Parse(child, CultureInfo.InvariantCulture)),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // the thread has ended
        }
    }
}
