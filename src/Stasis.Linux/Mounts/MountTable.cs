namespace Stasis.Linux.Mounts;

/// <summary>What is mounted in this process's mount namespace, by mountinfo of proc(5).</summary>
public static class MountTable
{
    /// <summary>Mount points, in the order in which they were mounted.</summary>
    public static IEnumerable<string> Points() => File.ReadAllLines("/proc/self/mountinfo").Select(line => Unescape(line.Split(' ')[4]));

    /// <summary>A path as mountinfo has it, where what would end a field is three octal digits.</summary>
    public static string Unescape(string field) =>
        field.Replace(@"\040", " ").Replace(@"\011", "\t").Replace(@"\012", "\n").Replace(@"\134", @"\");
}
