using Stasis.Linux.Network;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>Facts about the kernel's settings below /proc/sys.</summary>
internal static class SysctlFacts
{
    private const string Root = "/proc/sys";

    // Counters, what changes with every process or file, and what does something when it is read.
    private static readonly string[] Volatile =
    [
        "fs/aio-nr", "fs/binfmt_misc", "fs/dentry-state", "fs/file-nr", "fs/inode-nr", "fs/inode-state", "fs/quota", "kernel/ns_last_pid",
        "kernel/pty/nr", "kernel/random", "kernel/sched_domain", "vm/stat_refresh", "net/netfilter/nf_conntrack_count", "net/ipv6/route/gc",
    ];

    /// <summary>The settings, with those of a network namespace.</summary>
    /// <param name="netNs">The network namespace.</param>
    public static List<Fact> Read(string netNs)
    {
        List<Fact> facts = [];
        NetworkNamespace.Run(netNs, () =>
            facts.AddRange(((string[])["kernel", "vm", "fs", "net"]).SelectMany(folder => Walk(Path.Combine(Root, folder)))));
        return facts;
    }

    private static IEnumerable<Fact> Walk(string folder)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(folder))
        {
            var name = Path.GetRelativePath(Root, path);
            if (Volatile.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                continue;
            if (!Directory.Exists(path))
            {
                yield return new Fact($"sysctl {name}", ReadValue(path));
                continue;
            }
            foreach (var fact in Walk(path))
                yield return fact;
        }
    }

    private static string ReadValue(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "unreadable"; // some can only be written
        }
    }
}
