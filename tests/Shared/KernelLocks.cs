using System.Globalization;
using Stasis.Linux;

namespace Stasis.Tests;

/// <summary>Who waits for a file lock or a lease (proc_locks(5)): "waits" is a state that the kernel tells, not something that takes long.</summary>
public static class KernelLocks
{
    /// <summary>Waits until so many wait for the flock(2) of a file.</summary>
    public static Task WaitersAsync(string path, int count = 1) =>
        Eventually.TrueAsync(() => File.Exists(path) && Lines(path).Count(line => line.Contains("-> FLOCK", StringComparison.Ordinal)) >= count, $"{count} waiting for {path}");

    /// <summary>Waits until a process waits for a flock(2).</summary>
    public static Task WaitsAsync(int pid) =>
        Eventually.TrueAsync(() => File.ReadLines("/proc/locks").Any(line => line.Contains("-> FLOCK", StringComparison.Ordinal) && Fields(line).Contains($"{pid}")), $"process {pid} waiting for a lock");

    /// <summary>Waits until somebody waits for the lease of a file to be given back, to open it for writing.</summary>
    public static Task LeaseIsWantedAsync(string path) =>
        Eventually.TrueAsync(() => Lines(path).Any(line => line.Contains("LEASE", StringComparison.Ordinal) && line.Contains("BREAKING", StringComparison.Ordinal)), $"somebody who would write to {path}");

    // "1: -> FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF"
    private static IEnumerable<string> Lines(string path)
    {
        var inode = FileStatus.Of(path).Inode.ToString(CultureInfo.InvariantCulture);
        return File.ReadLines("/proc/locks").Where(line => Fields(line).Any(field => field.Split(':') is [_, _, var number] && number == inode));
    }

    private static string[] Fields(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
