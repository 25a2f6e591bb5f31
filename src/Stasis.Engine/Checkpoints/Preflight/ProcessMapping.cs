using System.Globalization;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>A mapping of a process that has a name (proc_pid_maps(5)).</summary>
/// <param name="Range">Its addresses, as in the name of its link in /proc/PID/map_files.</param>
/// <param name="Name">The name: a path, or one in brackets, or "anon_inode:…".</param>
/// <param name="Link">Its link in /proc/PID/map_files, if it is of a file.</param>
internal readonly record struct ProcessMapping(string Range, string Name, string Link)
{
    private const string DeletedMark = " (deleted)";
    private const int FieldsBeforeName = 5;

    /// <summary>Whether the file was deleted.</summary>
    public bool IsDeleted => Name.EndsWith(DeletedMark, StringComparison.Ordinal);

    /// <summary>The path without the mark of a deleted file.</summary>
    public string Path => IsDeleted ? Name[..^DeletedMark.Length] : Name;

    /// <summary>
    /// The mappings of files, of the kernel's objects and of probes: each name once, without those of the stack, the heap and the like.
    /// </summary>
    public static IEnumerable<ProcessMapping> ReadFiles(ContainerProcess process)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var found = new List<ProcessMapping>();
        foreach (var line in process.Mappings.AsSpan().EnumerateLines())
        {
            var name = GetName(line);
            if (name.IsEmpty || (name[0] == '[' && !name.SequenceEqual(Uprobes)) || !seen.Add(name.ToString()))
                continue;
            var range = line[..line.IndexOf(' ')];
            found.Add(new ProcessMapping(range.ToString(), name.ToString(), process.PathOf($"map_files/{Shorten(range)}")));
        }
        return found;
    }

    /// <summary>The name of the mapping of uprobes.</summary>
    public const string Uprobes = "[uprobes]";

    /// <summary>The file's status; null if it is none, or the process has ended.</summary>
    public FileStatus? TryReadStatus()
    {
        try
        {
            return FileStatus.TryReadTarget(Link);
        }
        catch (IOException)
        {
            return null;
        }
    }

    // "7f12-7f13 r-xp 00000000 fd:01 1234    /bin/sh"
    private static ReadOnlySpan<char> GetName(ReadOnlySpan<char> line)
    {
        for (var field = 0; field < FieldsBeforeName; field++)
        {
            var end = line.IndexOf(' ');
            if (end < 0)
                return [];
            line = line[(end + 1)..];
        }
        return line.TrimStart(' ');
    }

    // map_files has the addresses without leading zeros, maps has at least eight digits.
    private static string Shorten(ReadOnlySpan<char> range)
    {
        var dash = range.IndexOf('-');
        return string.Create(CultureInfo.InvariantCulture, $"{Trim(range[..dash])}-{Trim(range[(dash + 1)..])}");
    }

    private static string Trim(ReadOnlySpan<char> address) => address.TrimStart('0') is { IsEmpty: false } digits ? digits.ToString() : "0";
}
