using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>Requires that processes have no more than the spec gives: capabilities, a filter, namespaces and cgroups.</summary>
internal static class RestoredProcessRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "restored-process",
        Finds = "processes that CRIU doesn't hold any more, with capabilities beyond the spec's, without a filter or no_new_privs that "
            + "the spec has, or in namespaces or cgroups that aren't the container's",
    };

    private const string Filtered = "2";

    private static readonly (string Type, string Link)[] Namespaces =
        [("pid", "pid"), ("network", "net"), ("ipc", "ipc"), ("uts", "uts"), ("mount", "mnt"), ("user", "user"), ("cgroup", "cgroup")];

    /// <summary>Compares a process with the spec.</summary>
    public static void Check(RestoredContainer container, SpecAllowances allowed, RestoredThread process, List<Finding> findings)
    {
        foreach (var set in (string[])["CapBnd", "CapPrm", "CapEff", "CapInh", "CapAmb"])
        {
            if ((process.Hex(set) & ~allowed.Bounding) is var more and not 0)
                Refuse(set, SpecAllowances.Names(more), "capabilities that the spec doesn't give");
        }
        if (process.Status.GetValueOrDefault("TracerPid") == "0")
            Refuse("TracerPid", "0", "CRIU has ended while the container was looked at, and no longer holds it");
        if (allowed.NoNewPrivileges && process.Status.GetValueOrDefault("NoNewPrivs") == "0")
            Refuse("NoNewPrivs", "0", "the spec has no_new_privs");
        if (container.Spec.Linux?.Seccomp is not null && process.Status.GetValueOrDefault("Seccomp") != Filtered)
            Refuse("Seccomp", process.Status.GetValueOrDefault("Seccomp") ?? "", "the spec has a seccomp filter");
        CheckNamespaces();
        CheckCgroups();

        void CheckNamespaces()
        {
            foreach (var (type, link) in Namespaces)
            {
                var (own, host) = (Namespace(process.Folder, link), Namespace("/proc/self", link));
                var wanted = allowed.Namespace(type);
                var isOther = wanted is { Path: { Length: > 0 } path }
                    ? own != Inode(link, path)
                    : own == host == (wanted is not null);
                if (isOther)
                    Refuse($"ns/{link}", own, wanted is null ? "the spec has the host's" : "the spec has one of the container's own");
            }
        }

        void CheckCgroups()
        {
            var wanted = container.Spec.Linux?.CgroupsPath ?? "";
            foreach (var line in File.ReadLines(Path.Combine(process.Folder, "cgroup")))
            {
                // In a hierarchy that isn't mounted, the processes stay where this one is.
                if (container.InheritedCgroups.Contains(line))
                    continue;
                var path = line.Split(':', 3)[2];
                if (path != wanted && !path.StartsWith(wanted + "/", StringComparison.Ordinal))
                    Refuse("cgroup", line, "it isn't the container's");
            }
        }

        void Refuse(string where, string value, string message) =>
            findings.Add(FindingFactory.Never(Rule, $"{process.Title}: {where}", value, message));
    }

    private static string Namespace(string process, string type) => new FileInfo($"{process}/ns/{type}").LinkTarget ?? "";

    // The pinned file of a namespace has the namespace's inode; its link in /proc is "net:[INODE]".
    private static string? Inode(string link, string path) => Linux.Files.FileMountStatus.TryRead(path) is { } file
        ? FormattableString.Invariant($"{link}:[{file.Status.Inode}]") : null;
}
