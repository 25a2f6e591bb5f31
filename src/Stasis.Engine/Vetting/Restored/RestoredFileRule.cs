using System.Text.RegularExpressions;
using Stasis.Engine.Vetting.Findings;
using Stasis.Linux.Files;
using Stasis.Linux.Memory;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>
/// Requires that all that processes have open, mapped, and for root, working directory and program, lies in mounts of the container, and in
/// /proc and /sys is nothing but what any process may read.
/// </summary>
internal sealed partial class RestoredFileRule(RestoredMountTable mounts, List<Finding> findings)
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "restored-file",
        Finds = "open or mapped files, roots, working directories and programs outside of the container's mounts; files of `/proc` and "
            + "`/sys` that the container could not open",
    };

    private const string AnonymousPrefix = "anon_inode:";

    // Without a name: of the kernel's own, each made by its process.
    private static readonly string[] Anonymous =
    [
        "[eventfd]", "[eventpoll]", "[signalfd]", "[timerfd]", "inotify", "[fanotify]", "[userfaultfd]", "[pidfd]", "[io_uring]",
        "[rseq]", "[perf_event]", "[secretmem]",
    ];

    /// <summary>Looks at a process.</summary>
    public void Check(RestoredProcess process)
    {
        foreach (var name in (string[])["root", "cwd", "exe"])
            CheckFile(process, name, $"{process.Folder}/{name}");
        foreach (var path in Directory.EnumerateFileSystemEntries($"{process.Folder}/fd"))
            CheckDescriptor(process, path);
        CheckMappings(process);
    }

    private void CheckDescriptor(RestoredProcess process, string path)
    {
        var (target, where) = (new FileInfo(path).LinkTarget ?? "", $"fd {Path.GetFileName(path)}");
        if (target.StartsWith('/'))
            CheckFile(process, where, path);
        else if (NamespaceLink().Match(target) is { Success: true } link)
            CheckNamespace(process, where, link.Groups[1].Value, target);
        else if (!target.StartsWith(AnonymousPrefix, StringComparison.Ordinal) || !Anonymous.Contains(target[AnonymousPrefix.Length..]))
            Refuse(process, where, target, "a kind of file that a container has none of");
    }

    // Whoever has a namespace open can enter it.
    private void CheckNamespace(RestoredProcess process, string where, string kind, string target)
    {
        if (kind is not ("pipe" or "socket") && new FileInfo($"{process.Folder}/ns/{kind}").LinkTarget != target)
            Refuse(process, where, target, "a namespace that isn't the process's own");
    }

    private void CheckFile(RestoredProcess process, string where, string path)
    {
        if (MountedFile.TryRead(path) is not { } file || KernelMemory.Devices.Contains(file.Status.ContainingDevice))
            return;
        var name = new FileInfo(path).LinkTarget ?? "";
        if (mounts.Find(file.MountId) is not { } mount)
            Refuse(process, where, name, "it lies in none of the container's mounts");
        else if (mount.Type is "proc" or "sysfs" or "debugfs" or "tracefs" or "securityfs" or "cgroup" or "cgroup2"
            && !KernelFile.IsHarmless(mount.Type, name))
            Refuse(process, where, name, "a file of the kernel's that ordinary programs don't have open");
    }

    // "7f12a000-7f12b000 r-xp 00000000 00:45 1234    /bin/busybox": each file once.
    private void CheckMappings(RestoredProcess process)
    {
        HashSet<string> seen = [];
        foreach (var line in File.ReadLines($"{process.Folder}/maps"))
        {
            var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 6 || fields[4] == "0" || !seen.Add($"{fields[3]} {fields[4]}"))
                continue;
            CheckFile(process, $"mapping {fields[0]}", $"{process.Folder}/map_files/{fields[0]}");
        }
    }

    private void Refuse(RestoredProcess process, string where, string value, string message) =>
        findings.Add(FindingFactory.Never(Rule, $"{process.Title}: {where}", value, message));

    [GeneratedRegex(@"\A([a-z_]+):\[[0-9]+\]\z")]
    private static partial Regex NamespaceLink();
}
