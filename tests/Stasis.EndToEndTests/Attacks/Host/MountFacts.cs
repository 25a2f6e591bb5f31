namespace Stasis.EndToEndTests.Attacks;

/// <summary>Facts about mounts (proc(5), mountinfo).</summary>
internal static class MountFacts
{
    /// <summary>
    /// The mounts of a process, in the order of the table. IDs are left out: a mount that was made again has others. Mounts with the same
    /// point are numbered.
    /// </summary>
    /// <param name="process">A PID, or "self".</param>
    public static IEnumerable<Fact> Read(string process) => FactList.Number(File.ReadLines($"/proc/{process}/mountinfo").Select(line =>
    {
        var fields = line.Split(' ');
        // ID, parent, device, root, point, options, optional fields up to a dash, type, source, options of the file system.
        var dash = Array.IndexOf(fields, "-");
        var propagation = string.Join(' ', fields[6..dash].Select(WithoutNumber));
        return new Fact(
            $"mount at {fields[4]}",
            $"root {fields[3]} options {fields[5]} [{propagation}] {string.Join(' ', fields[(dash + 1)..])}");
    }));

    // Of "shared:12": the groups' numbers are given out anew.
    private static string WithoutNumber(string field) => field.Split(':')[0];
}
