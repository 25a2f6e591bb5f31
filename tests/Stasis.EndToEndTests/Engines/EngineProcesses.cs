using System.Globalization;
using Stasis.EndToEndTests.Attacks;
using Stasis.Linux.Processes;

namespace Stasis.EndToEndTests.Engines;

/// <summary>The processes of the peer that work on a container, by their command lines; CRIU and its script are in its cgroups.</summary>
internal static class EngineProcesses
{
    /// <summary>Those that are started with the container's ID.</summary>
    public static IReadOnlyList<(int Pid, string CommandLine)> Find(string id) =>
        [.. ReadAll().Where(process => process.CommandLine.Contains(id, StringComparison.Ordinal))];

    /// <summary>As above, and the container's CRIU, whose command line names no container.</summary>
    public static IEnumerable<(int Pid, string CommandLine)> FindLeft(string id) => ReadAll().Where(process =>
        process.CommandLine.Contains(id, StringComparison.Ordinal) || (IsCriu(process) && HasOpen(process.Pid, id)));

    /// <summary>Kills a part of a restore, which must be there.</summary>
    /// <param name="part">"runc", "criu", "script" (CRIU's), or "shim".</param>
    /// <param name="id">The container's ID.</param>
    public static Task KillAsync(string part, string id) => Eventually.TrueAsync(() => TryKill(part, id), part);

    /// <summary>Kills CRIU some time after it has come into the container's cgroups, if it comes before a restore ends.</summary>
    /// <param name="id">The container's ID.</param>
    /// <param name="delay">How long after.</param>
    /// <param name="restored">The restore.</param>
    public static async Task KillCriuAsync(string id, TimeSpan delay, Task restored)
    {
        PidFd? criu = null;
        while (!restored.IsCompleted && criu is null)
        {
            await Task.Yield();
            criu = InCgroups(id).Where(IsCriu).Select(process => PidFd.Open(process.Pid)).FirstOrDefault();
        }
        await Task.Delay(delay, CancellationToken.None);
        criu?.Signal(Signals.Kill);
        criu?.Dispose();
    }

    private static IEnumerable<(int Pid, string CommandLine)> ReadAll() =>
        Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Where(name => char.IsAsciiDigit(name![0]))
            .Select(name => (Pid: int.Parse(name!, CultureInfo.InvariantCulture), CommandLine: ReadCommandLine(name!)));

    private static bool TryKill(string part, string id)
    {
        var found = part switch
        {
            "runc" => Find(id).Where(process => process.CommandLine.Contains("runc ", StringComparison.Ordinal)
                && process.CommandLine.Contains(" restore ", StringComparison.Ordinal)),
            "shim" => Find(id).Where(process => process.CommandLine.Contains("containerd-shim", StringComparison.Ordinal)),
            "criu" => InCgroups(id).Where(IsCriu),
            _ => InCgroups(id).Where(process => process.CommandLine.Contains("/criu.sh", StringComparison.Ordinal)),
        };
        if (found.FirstOrDefault() is not { Pid: > 0 } first)
            return false;
        using var process = PidFd.Open(first.Pid);
        process?.Signal(Signals.Kill);
        return process is not null;
    }

    // CRIU has its log open in the bundle.
    private static bool HasOpen(int pid, string id)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd")
                .Any(file => new FileInfo(file).LinkTarget?.Contains(id, StringComparison.Ordinal) == true);
        }
        catch (IOException)
        {
            return false; // it has ended
        }
    }

    // It changes its command line.
    private static bool IsCriu((int Pid, string CommandLine) process) =>
        Path.GetFileName(process.CommandLine.Split(' ')[0]) is "criu" or "criu:";

    private static IEnumerable<(int Pid, string CommandLine)> InCgroups(string id) =>
        CgroupFacts.ReadProcesses(id).Select(pid => (int.Parse(pid, CultureInfo.InvariantCulture), ReadCommandLine(pid)));

    // Empty if it has ended.
    private static string ReadCommandLine(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }
}
