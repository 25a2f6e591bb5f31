using System.Globalization;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>A process of a restored container.</summary>
/// <param name="Pid">Its PID on the host.</param>
/// <param name="Status">The fields of /proc/PID/status.</param>
internal sealed record RestoredProcess(int Pid, IReadOnlyDictionary<string, string> Status)
{
    /// <summary>Its folder in /proc.</summary>
    public string Folder => FormattableString.Invariant($"/proc/{Pid}");

    /// <summary>Its PID in the container, with its name.</summary>
    public string Title => $"process {Status["NSpid"].Split('\t')[^1]} ({Status["Name"]})";

    /// <summary>The first process and all that descend from it. All stand still.</summary>
    public static IReadOnlyList<RestoredProcess> ReadAll(RestoredContainer container)
    {
        List<RestoredProcess> found = [];
        var open = new Stack<int>([container.Pid]);
        while (open.TryPop(out var pid))
        {
            var status = File.ReadLines(FormattableString.Invariant($"/proc/{pid}/status"))
                .Select(line => line.Split(':', 2))
                .Where(parts => parts.Length == 2)
                .ToDictionary(parts => parts[0], parts => parts[1].Trim());
            found.Add(new RestoredProcess(pid, status));
            foreach (var thread in Directory.EnumerateDirectories(FormattableString.Invariant($"/proc/{pid}/task")))
            {
                var children = File.ReadAllText(Path.Combine(thread, "children"));
                foreach (var child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    open.Push(int.Parse(child, CultureInfo.InvariantCulture));
            }
        }
        return found;
    }

    /// <summary>A set of capabilities or a number in hexadecimal; 0 if the field isn't there.</summary>
    public ulong Hex(string field) =>
        Status.TryGetValue(field, out var value) ? ulong.Parse(value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 0;
}
