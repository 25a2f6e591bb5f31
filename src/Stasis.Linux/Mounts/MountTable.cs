namespace Stasis.Linux.Mounts;

/// <summary>The mounts of this process's mount namespace (proc(5), mountinfo).</summary>
public static class MountTable
{
    /// <summary>Mount points, in the order in which they were mounted.</summary>
    public static IEnumerable<string> Points() => File.ReadAllLines("/proc/self/mountinfo").Select(line => Unescape(line.Split(' ')[4]));

    /// <summary>Decodes a path of mountinfo, in which space, tab, newline and backslash are written as three octal digits.</summary>
    public static string Unescape(string field) =>
        field.Replace(@"\040", " ").Replace(@"\011", "\t").Replace(@"\012", "\n").Replace(@"\134", @"\");
}
