using System.Globalization;

namespace Stasis.Linux.Mounts;

/// <summary>A line of /proc/PID/mountinfo (proc_pid_mountinfo(5)).</summary>
/// <param name="Id">The mount's ID.</param>
/// <param name="Parent">The ID of the mount that it lies on.</param>
/// <param name="Device">The file system's device, as MAJOR:MINOR.</param>
/// <param name="Root">The folder or file of the file system that is the mount's root.</param>
/// <param name="Point">The mount point, relative to the process's root.</param>
/// <param name="Options">The mount's own options.</param>
/// <param name="Propagation">Its propagation: shared:N, master:N and so on; none of a private mount.</param>
/// <param name="Type">The file system's type.</param>
/// <param name="SuperOptions">The file system's options; of a v1 cgroup hierarchy, its controllers are among them.</param>
public sealed record MountEntry(
    ulong Id,
    ulong Parent,
    string Device,
    string Root,
    string Point,
    IReadOnlyList<string> Options,
    IReadOnlyList<string> Propagation,
    string Type,
    IReadOnlyList<string> SuperOptions)
{
    /// <summary>The mounts of a process's mount namespace that lie beneath its root.</summary>
    /// <param name="process">Its PID, or "self".</param>
    public static IReadOnlyList<MountEntry> Read(string process) =>
        [.. File.ReadLines($"/proc/{process}/mountinfo").Select(Parse)];

    /// <summary>Parses a line.</summary>
    public static MountEntry Parse(string line)
    {
        var fields = line.Split(' ');
        var dash = Array.IndexOf(fields, "-", 6);
        return new MountEntry(
            ulong.Parse(fields[0], CultureInfo.InvariantCulture),
            ulong.Parse(fields[1], CultureInfo.InvariantCulture),
            fields[2],
            MountTable.Unescape(fields[3]),
            MountTable.Unescape(fields[4]),
            fields[5].Split(','),
            fields[6..dash],
            fields[dash + 1],
            fields[dash + 3].Split(','));
    }
}
