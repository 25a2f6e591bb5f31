namespace Stasis.EndToEndTests.Attacks;

/// <summary>Facts about the processes of the test's PID namespace.</summary>
internal static class ProcessFacts
{
    private const int StartTime = 22, State = 3; // fields of proc(5), stat

    /// <summary>All processes, by PID and start time. A zombie is gone: whoever started it only has to notice.</summary>
    public static IEnumerable<Fact> Read() =>
        from folder in Directory.EnumerateDirectories("/proc")
        where char.IsAsciiDigit(Path.GetFileName(folder)[0])
        let fact = TryRead(folder)
        where fact is not null
        select fact.Value;

    /// <summary>PIDs of a container's processes: those in the PID namespace of its first process.</summary>
    public static List<int> OfContainer(int first)
    {
        var space = new FileInfo($"/proc/{first}/ns/pid").LinkTarget;
        return
        [
            .. Directory.EnumerateDirectories("/proc")
                .Select(Path.GetFileName)
                .Where(name => char.IsAsciiDigit(name![0]) && new FileInfo($"/proc/{name}/ns/pid").LinkTarget == space)
                .Select(name => int.Parse(name!, System.Globalization.CultureInfo.InvariantCulture)),
        ];
    }

    private static Fact? TryRead(string folder)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // from field 3 on
            var command = File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ').Trim();
            return fields[0] is "Z" or "X"
                ? null
                : new Fact($"process {Path.GetFileName(folder)} started {fields[StartTime - State]}", command);
        }
        catch (IOException)
        {
            return null; // it has ended
        }
    }
}
