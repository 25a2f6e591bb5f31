using System.Globalization;
using System.Text.RegularExpressions;
using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>
/// What a running container has, seen from the host: mounts, roots, programs, descriptors, credentials, limits and cgroups of all its
/// processes. A container that came from a hostile archive must look like the one that the archive was made from.
/// </summary>
internal static partial class ContainerLook
{
    // Fields of /proc/PID/status that say what a process may do.
    private static readonly string[] Rights =
    [
        "Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters", "TracerPid",
    ];

    private static readonly string[] Namespaces = ["mnt", "pid", "ipc", "uts", "net", "cgroup", "user"];

    /// <summary>Looks at a container.</summary>
    /// <param name="first">PID of its first process.</param>
    /// <param name="id">Its ID, which isn't the same in another container.</param>
    /// <param name="host">The host that it runs on; the test's own if not given.</param>
    public static FactList Read(int first, string id, HostView? host = null) => new(FactList.Number(
        MountFacts.Read(first.ToString(CultureInfo.InvariantCulture))
            .Concat(CgroupFacts.ReadContainer(id))
            .Concat(ProcessFacts.OfContainer(first).SelectMany(pid => ReadProcess(pid, host ?? HostView.Own)))
            .Select(fact => new Fact(Normalize(fact.Subject), Normalize(fact.State)))));

    private static IEnumerable<Fact> ReadProcess(int pid, HostView host)
    {
        var folder = $"/proc/{pid}";
        var status = File.ReadLines($"{folder}/status")
            .Select(line => line.Split(':', 2))
            .ToDictionary(part => part[0], part => part[1].Trim());
        var name = $"process {status["NSpid"].Split('\t')[^1]} {status["Name"]}";
        var mounts = ReadMounts(folder);

        foreach (var field in Rights)
            yield return new Fact($"{name}: {field}", status.GetValueOrDefault(field, "missing"));
        foreach (var file in (string[])["limits", "oom_score_adj", "loginuid", "cgroup", "attr/current"])
            yield return new Fact($"{name}: {file}", TryReadFile($"{folder}/{file}"));
        foreach (var space in Namespaces)
            yield return new Fact($"{name}: namespace {space}", IsHosts(folder, space, host) ? "the host's" : "its own");
        foreach (var link in (string[])["root", "cwd", "exe"])
            yield return new Fact($"{name}: {link}", $"{ReadLink($"{folder}/{link}")} on {DescribeMount(mounts, $"{folder}/{link}")}");
        yield return new Fact($"{name}: memory", string.Join(' ', MappedFiles(folder)));
        foreach (var descriptor in Directory.EnumerateFileSystemEntries($"{folder}/fd"))
        {
            if (DescribeDescriptor(folder, Path.GetFileName(descriptor), mounts) is { } state)
                yield return new Fact($"{name}: descriptor {Path.GetFileName(descriptor)}", state);
        }
    }

    // What the descriptor leads to; null for a file of the container's own, which harms nobody.
    private static string? DescribeDescriptor(string folder, string number, List<MountLine> mounts)
    {
        var target = ReadLink($"{folder}/fd/{number}");
        var info = File.ReadLines($"{folder}/fdinfo/{number}")
            .Select(line => line.Split(':', 2))
            .Where(part => part.Length == 2)
            .ToLookup(part => part[0], part => part[1].Trim());
        if (!target.StartsWith('/'))
            return string.Join(' ', [Number().Replace(target, ""), .. info["inotify wd"].Concat(info["fanotify mnt_id"])]);
        var mount = mounts.Find(mount => mount.Id == info["mnt_id"].First());
        if (mount is null)
            return $"{target} on a mount that the container doesn't have";
        return mount.Type is "overlay" or "tmpfs" or "ext4" or "xfs" or "btrfs" && mount.Point is "/" or "/tt" or "/vol" or "/dev/shm"
            ? null
            : $"{target} on {mount.Point} ({mount.Type}) flags {info["flags"].FirstOrDefault()}";
    }

    private sealed record MountLine(string Id, string Device, string Point, string Type);

    private static List<MountLine> ReadMounts(string folder) =>
    [
        .. File.ReadLines($"{folder}/mountinfo").Select(line => line.Split(' '))
            .Select(fields => new MountLine(fields[0], fields[2], fields[4], fields[Array.IndexOf(fields, "-") + 1])),
    ];

    // By the device: these links have no fdinfo.
    private static string DescribeMount(List<MountLine> mounts, string link)
    {
        try
        {
            using var file = File.OpenHandle(link);
            return Device(FileStatus.Read(file), mounts);
        }
        catch (UnauthorizedAccessException)
        {
            return Device(FileStatus.Read(link + "/."), mounts); // a folder
        }
    }

    private static string Device(FileStatus status, List<MountLine> mounts)
    {
        // dev_t of the kernel's user interface: makedev(3).
        var major = (status.ContainingDevice >> 8 & 0xfff) | (status.ContainingDevice >> 32 & ~0xfffUL);
        var minor = (status.ContainingDevice & 0xff) | (status.ContainingDevice >> 12 & ~0xffUL);
        var device = string.Create(CultureInfo.InvariantCulture, $"{major}:{minor}");
        return mounts.Find(mount => mount.Device == device) is { } found
            ? $"the file system at {found.Point}"
            : "a file system that the container doesn't have";
    }

    private static IEnumerable<string> MappedFiles(string folder) =>
        File.ReadLines($"{folder}/maps")
            .Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length == 6)
            .Select(fields => fields[5].Trim())
            .Distinct()
            .Order(StringComparer.Ordinal);

    private static bool IsHosts(string folder, string space, HostView host) =>
        ReadLink($"{folder}/ns/{space}") == ReadLink($"/proc/{host.Process}/ns/{space}");

    private static string ReadLink(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget ?? "no link";
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    private static string TryReadFile(string path)
    {
        try
        {
            return string.Join(' ', File.ReadAllText(path).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LinuxException)
        {
            return "unreadable";
        }
    }

    // Of a container's ID, of an archive's digest, and of the names that Stasis, Docker and containerd have for layers.
    private static string Normalize(string text) => Id().Replace(text, "ID");

    [GeneratedRegex("[0-9a-f]{12,}|(?<=/l/)[A-Z0-9]{26}|(?<=/snapshots/)[0-9]+")]
    private static partial Regex Id();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
