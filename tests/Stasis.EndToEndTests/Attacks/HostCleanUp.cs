using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Processes;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>Leaves a host as it was before a hostile archive was restored on it.</summary>
internal static class HostCleanUp
{
    /// <summary>Removes whatever came to be. What can't be removed is a finding: the host's owner is left with it.</summary>
    /// <param name="host">The host.</param>
    /// <param name="name">Name of the restored container.</param>
    /// <returns>Commands that failed, with what they said.</returns>
    public static async Task<List<string>> RemoveAllAsync(StasisHost host, string name)
    {
        var failures = new List<string>();
        // By name too: one that was restored half-way is not among all.
        foreach (var arguments in (string[][])
            [["rm", "-f", "-t", "0", "-a"], ["rm", "-f", name], ["volume", "prune", "-f"], ["checkpoint", "prune", "-f"]])
        {
            var result = await host.RunAsync(arguments);
            if (result.ExitCode != 0)
                failures.Add($"stasis {string.Join(' ', arguments)}: exit code {result.ExitCode}: {result.Error.Trim()}");
        }
        if (failures.Count > 0)
            return failures;
        // conmon ends a moment after its container.
        await Eventually.TrueAsync(() => !Leftovers.Processes(host).Any(), $"the end of the processes of {host.Folder}");
        return failures;
    }

    /// <summary>Ends what runs of a host, and removes its folders, without its commands.</summary>
    public static void Abandon(StasisHost host)
    {
        foreach (var (pid, _) in Leftovers.Processes(host))
        {
            using var process = PidFd.Open(pid);
            process?.Signal(Signals.Kill);
        }
        foreach (var folder in (string[])[host.Folder, host.RunRoot])
        {
            Mount.UnmountBeneath(folder);
            FileTree.Remove(folder);
        }
    }
}
