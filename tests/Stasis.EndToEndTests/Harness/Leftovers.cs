using System.Globalization;
using Stasis.Linux.Network;

namespace Stasis.EndToEndTests.Harness;

/// <summary>What must not be left when all containers of a host are gone.</summary>
public static class Leftovers
{
    /// <summary>Fails if a mount, a process or a cgroup of the host's containers is left, or a half-made file of its own.</summary>
    public static async Task AssertNoneAsync(StasisHost host)
    {
        // conmon ends a moment after its container, when its exit command has.
        await Eventually.GetAsync(() => Task.FromResult("left behind:" + string.Concat(Find(host).Select(what => "\n  " + what))), left => left == "left behind:");
    }

    private static List<string> Find(StasisHost host) => [.. Mounts(host), .. Processes(host).Select(process => $"process {process.Pid}: {process.CommandLine}"), .. Cgroups(host), .. Files(host), .. Locks(host), .. Interfaces(host)];

    private static IEnumerable<string> Mounts(StasisHost host) =>
        File.ReadLines("/proc/self/mounts").Where(line => Names(host, line) && !host.OwnMounts.Contains(line.Split(' ')[1])).Select(line => "mount " + line);

    /// <summary>PIDs and command lines, with spaces between the words, of processes that were started with a host's roots.</summary>
    public static IEnumerable<(int Pid, string CommandLine)> Processes(StasisHost host)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc").Where(d => Path.GetFileName(d).All(char.IsAsciiDigit)))
        {
            string commandLine;
            try
            {
                commandLine = File.ReadAllText(Path.Combine(directory, "cmdline")).Replace('\0', ' ');
            }
            catch (IOException)
            {
                continue; // it has ended
            }
            if (Names(host, commandLine))
                yield return (int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture), commandLine);
        }
    }

    private static IEnumerable<string> Cgroups(StasisHost host)
    {
        var ids = host.Ids;
        return Directory.EnumerateDirectories("/sys/fs/cgroup").SelectMany(hierarchy => ids.Select(id => $"{hierarchy}/stasis/{id}")).Where(Directory.Exists).Select(path => "cgroup " + path);
    }

    private static IEnumerable<string> Files(StasisHost host) => ((string[])[$"{host.Root}/staging", $"{host.Root}/containers", $"{host.RunRoot}/networks/requests"])
        .Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries).Select(path => "file " + path);

    private static IReadOnlyList<string> Interfaces(StasisHost host)
    {
        if (!host.OwnsNetNs)
            return [];
        string[] lines = [];
        NetworkNamespace.Run(host.NetNs!, () => lines = File.ReadAllLines("/proc/thread-self/net/dev"));
        return [.. lines.Skip(2).Select(line => line.Split(':')[0].Trim()).Where(name => name != "lo").Select(name => "interface " + name)];
    }

    // Named by the containers' IDs, 64 digits; layers' and the networks' stay.
    private static IEnumerable<string> Locks(StasisHost host) => new[] { Path.Combine(host.RunRoot, "locks") }
        .Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).Where(path => Path.GetFileName(path).Length == 64).Select(path => "lock " + path);

    private static bool Names(StasisHost host, string line) =>
        line.Contains(host.Folder, StringComparison.Ordinal) || line.Contains(host.RunRoot + "/", StringComparison.Ordinal);
}
