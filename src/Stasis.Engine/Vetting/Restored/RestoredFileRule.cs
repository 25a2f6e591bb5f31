using System.Text.RegularExpressions;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Linux.Files;
using Stasis.Linux.Memory;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>
/// Requires that open and mapped files, roots, working directories and programs lie in the container's mounts. Of /proc and /sys they are
/// only what any process may read.
/// </summary>
internal sealed partial class RestoredFileRule(RestoredMountTable mounts, SpecAllowances allowed, List<Finding> findings)
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "restored-file",
        Finds = "open or mapped files, roots, working directories and programs outside of the container's mounts; descriptors of "
            + "namespaces that aren't the process's own",
    };

    public static readonly RuleDescriptor KernelRule = new()
    {
        Id = "restored-kernel-file",
        Finds = "open files of `/proc`, `/sys` and other file systems of the kernel's that an ordinary process doesn't have open, that "
            + "another mount hides, or that are open for writing on a read-only mount",
        Allow = "`image-kernel-file:/proc/driver/rtc` for a file to be read; nothing for the rest",
        AllowName = KernelFileImageRule.Rule.AllowName,
    };

    private const string AnonymousPrefix = "anon_inode:", Deleted = " (deleted)", DescriptorPrefix = "fd ";
    private const int AccessMode = 3; // O_ACCMODE
    private const int MaxDescriptors = 200_000; // of all processes: some seconds

    // Without a name: of the kernel's own, each made by its process.
    private static readonly string[] Anonymous =
    [
        "[eventfd]", "[eventpoll]", "[signalfd]", "[timerfd]", "inotify", "[fanotify]", "[userfaultfd]", "[pidfd]",
    ];

    private int _descriptors;

    /// <summary>Looks at a process.</summary>
    public void Check(RestoredThread process)
    {
        foreach (var name in (string[])["root", "cwd", "exe"])
            CheckFile(process, name, $"{process.Folder}/{name}");
        foreach (var path in Directory.EnumerateFileSystemEntries($"{process.Folder}/fd"))
        {
            if (++_descriptors > MaxDescriptors)
            {
                Refuse(process, "fd", FormattableString.Invariant($"{_descriptors}"), "so many descriptors can't be looked at");
                return;
            }
            CheckDescriptor(process, path);
        }
        CheckMappings(process);
    }

    private void CheckDescriptor(RestoredThread process, string path)
    {
        var (target, where) = (new FileInfo(path).LinkTarget ?? "", $"{DescriptorPrefix}{Path.GetFileName(path)}");
        if (target.StartsWith('/'))
            CheckFile(process, where, path);
        else if (NamespaceLink().Match(target) is { Success: true } link)
            CheckNamespace(process, where, link.Groups[1].Value, target);
        else if (!target.StartsWith(AnonymousPrefix, StringComparison.Ordinal) || !Anonymous.Contains(target[AnonymousPrefix.Length..]))
            Refuse(process, where, target, "a kind of file that a container has none of");
    }

    // Whoever has a namespace open can enter it.
    private void CheckNamespace(RestoredThread process, string where, string kind, string target)
    {
        if (kind is not ("pipe" or "socket") && new FileInfo($"{process.Folder}/ns/{kind}").LinkTarget != target)
            Refuse(process, where, target, "a namespace that isn't the process's own");
    }

    private void CheckFile(RestoredThread process, string where, string path)
    {
        if (FileMountStatus.TryRead(path) is not { } file)
        {
            Refuse(process, where, path, "it can't be looked at");
            return;
        }
        var name = new FileInfo(path).LinkTarget ?? "";
        if (mounts.Find(file.MountId) is not { } mount)
        {
            if (!AnonymousMemoryDevices.Contains(file.Status.ContainingDevice))
                Refuse(process, where, name, "it lies in none of the container's mounts");
        }
        else if (KernelFile.IsKernels(mount.Type))
            CheckKernelFile(process, where, name, mount, file.Status.IsDirectory);
    }

    private void CheckKernelFile(RestoredThread process, string where, string name, MountEntry mount, bool isDirectory)
    {
        // The kernel marks files of a dead process so.
        var path = name.EndsWith(Deleted, StringComparison.Ordinal) ? name[..^Deleted.Length] : name;
        if (mounts.FindCovering(path) != mount)
        {
            RefuseKernelFile(process, where, name, "another mount hides it from the container");
            return;
        }
        var within = RestoredMountTable.Join(mount.Root, path[mount.Point.TrimEnd('/').Length..]);
        var file = new KernelFile(mount.Type, within, isDirectory, IsWritten(process, where), process.Pid);
        if (file.IsWritten && mount.Options.Contains("ro"))
            RefuseKernelFile(process, where, name, "it is open for writing, and the mount is read-only");
        else if (!file.IsHarmless(allowed.May))
            RefuseKernelFile(process, where, name, "ordinary programs don't have it open", file.IsAllowable ? path : null);
    }

    // "flags:	0100002", in octal.
    private static bool IsWritten(RestoredThread process, string where)
    {
        if (!where.StartsWith(DescriptorPrefix, StringComparison.Ordinal))
            return false;
        var flags = File.ReadLines($"{process.Folder}/fdinfo/{where[DescriptorPrefix.Length..]}")
            .First(line => line.StartsWith("flags:", StringComparison.Ordinal));
        return (Convert.ToInt64(flags["flags:".Length..].Trim(), 8) & AccessMode) != 0;
    }

    /// <summary>The name in map_files of a range of addresses in maps, which has leading zeros: "00400000-0040b000".</summary>
    internal static string GetMapFile(string range) =>
        string.Join('-', range.Split('-').Select(address => address.TrimStart('0') is { Length: > 0 } digits ? digits : "0"));

    // "7f12a000-7f12b000 r-xp 00000000 00:45 1234    /bin/busybox"
    private void CheckMappings(RestoredThread process)
    {
        foreach (var line in File.ReadLines($"{process.Folder}/maps"))
        {
            var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 6 || (fields[3], fields[4]) == ("00:00", "0"))
                continue;
            CheckFile(process, $"mapping {fields[0]}", $"{process.Folder}/map_files/{GetMapFile(fields[0])}");
        }
    }

    private void Refuse(RestoredThread process, string where, string value, string message) =>
        findings.Add(FindingFactory.Never(Rule, $"{process.Title}: {where}", value, message));

    private void RefuseKernelFile(RestoredThread process, string where, string value, string message, string? allow = null) =>
        findings.Add(allow is null
            ? FindingFactory.Never(KernelRule, $"{process.Title}: {where}", value, message)
            : FindingFactory.Refused(KernelRule, $"{process.Title}: {where}", value, message, allow));

    [GeneratedRegex(@"\A([a-z_]+):\[[0-9]+\]\z")]
    private static partial Regex NamespaceLink();
}
