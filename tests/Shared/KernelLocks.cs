using System.Globalization;
using Stasis.Linux.Files;

namespace Stasis.Tests;

/// <summary>Asks the kernel who waits for a file lock or a lease, so that a test needn't take a long time for waiting.</summary>
public static class KernelLocks
{
    /// <summary>Waits until somebody waits for the flock(2) of a file.</summary>
    public static Task WaiterAsync(string path) =>
        Eventually.TrueAsync(
            () => File.Exists(path) && Lines(path).Any(line => line.Contains("-> FLOCK", StringComparison.Ordinal)),
            $"somebody who waits for {path}");

    /// <summary>Waits until so many wait for a file's <see cref="FileLock"/>, each in its place.</summary>
    public static Task QueueAsync(string path, int length) =>
        Eventually.TrueAsync(
            () => File.Exists(path) && Lines(path).Count(line => Fields(line) is var fields && fields.Contains("OFDLCK")
                && fields.Contains("WRITE") && !fields.Contains("->")) == length,
            $"{length} that wait for {path}");

    /// <summary>Waits until somebody waits for the lease of a file to be given back, to open it for writing.</summary>
    public static Task LeaseIsWantedAsync(string path) =>
        Eventually.TrueAsync(
            () => Lines(path).Any(line => Fields(line) is var fields && fields.Contains("LEASE") && fields.Contains("BREAKING")),
            $"somebody who would write to {path}");

    /// <summary>
    /// Whether a thread of a process waits for any <see cref="FileLock"/>. In a PID namespace, proc_locks(5) doesn't show a lock that
    /// its taker has left to a child and ended; this does.
    /// </summary>
    public static bool Waits(int pid) => IsIn(pid, "lock_inode_wait") || IsIn(pid, "fcntl_setlk"); // the lock, or a place before it

    /// <summary>Whether a thread of a process waits for a lease to be given back.</summary>
    public static bool WaitsForLease(int pid) => IsIn(pid, "break_lease");

    // By the kernel's function that it sleeps in (proc_pid_wchan(5)).
    private static bool IsIn(int pid, string function)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{pid}/task")
                .Any(task => File.ReadAllText(Path.Combine(task, "wchan")).Contains(function, StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false; // it has ended
        }
    }

    // The lines of proc_locks(5) for a file: "1: -> FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF".
    private static IEnumerable<string> Lines(string path)
    {
        var inode = FileStatus.Read(path).Inode.ToString(CultureInfo.InvariantCulture);
        return File.ReadLines("/proc/locks")
            .Where(line => Fields(line).Any(field => field.Split(':') is [_, _, var number] && number == inode));
    }

    private static string[] Fields(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
