using System.Globalization;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>A thread of a restored container. Credentials, filters and namespaces are the thread's, open files the process's.</summary>
/// <param name="Folder">Its folder in /proc: /proc/PID for the first thread of a process, /proc/PID/task/TID for the others.</param>
/// <param name="IsFirst">Whether it is the first thread of its process.</param>
/// <param name="Status">The fields of its file "status".</param>
internal sealed record RestoredProcess(string Folder, bool IsFirst, IReadOnlyDictionary<string, string> Status)
{
    /// <summary>Its PID in the container, with its name.</summary>
    public string Title => $"{(IsFirst ? "process" : "thread")} {Pid} ({Status["Name"]})";

    /// <summary>Its PID in its own PID namespace.</summary>
    public string Pid => Status["NSpid"].Split('\t')[^1];

    /// <summary>Whether it has ended, and waits to be noticed by its parent.</summary>
    public bool IsDead => Status.GetValueOrDefault("State") is ['Z' or 'X', ..];

    /// <summary>The threads of the first process and of all that descend from it, but for zombies. All stand still.</summary>
    public static IReadOnlyList<RestoredProcess> ReadAll(RestoredContainer container)
    {
        List<RestoredProcess> found = [];
        var open = new Stack<int>([container.Pid]);
        while (open.TryPop(out var pid))
        {
            var folder = FormattableString.Invariant($"/proc/{pid}");
            var threads = Directory.GetDirectories(Path.Combine(folder, "task"));
            // A zombie has what it was forked with, CRIU's rights, and runs no more.
            if (Read(folder, isFirst: true) is var first && !(first.IsDead && threads.Length == 1))
                found.Add(first);
            foreach (var thread in threads)
            {
                if (Path.GetFileName(thread) != Path.GetFileName(folder))
                    found.Add(Read(thread, isFirst: false));
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

    private static RestoredProcess Read(string folder, bool isFirst) => new(folder, isFirst, File.ReadLines(Path.Combine(folder, "status"))
        .Select(line => line.Split(':', 2))
        .Where(parts => parts.Length == 2)
        .ToDictionary(parts => parts[0], parts => parts[1].Trim()));
}
