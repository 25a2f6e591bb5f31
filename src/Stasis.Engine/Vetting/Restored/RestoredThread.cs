using System.Globalization;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>A thread of a restored container. Credentials, filters and namespaces are the thread's, open files the process's.</summary>
/// <param name="Folder">Its folder in /proc.</param>
/// <param name="IsFirst">Whether it is the first thread of its process that is alive.</param>
/// <param name="Status">The fields of its file "status".</param>
internal sealed record RestoredThread(string Folder, bool IsFirst, IReadOnlyDictionary<string, string> Status)
{
    /// <summary>Its PID in the container, with its name.</summary>
    public string Title => $"{(IsFirst ? "process" : "thread")} {Pid} ({Status["Name"]})";

    /// <summary>Its PID in its own PID namespace.</summary>
    public string Pid => Status["NSpid"].Split('\t')[^1];

    // A zombie has nothing but its exit code, and runs no more. CRIU lets it exit before it has got anything of the container's.
    private bool IsDead => Status["State"] is ['Z' or 'X', ..];

    /// <summary>The live threads of the first process and of all that descend from it. All stand still.</summary>
    public static IReadOnlyList<RestoredThread> ReadAll(RestoredContainer container)
    {
        List<RestoredThread> found = [];
        var open = new Stack<int>([container.Pid]);
        while (open.TryPop(out var pid))
        {
            var isFirst = true;
            var threads = FormattableString.Invariant($"/proc/{pid}/task");
            foreach (var id in Directory.EnumerateDirectories(threads).Select(path => Number(Path.GetFileName(path))).Order())
            {
                var children = File.ReadAllText(FormattableString.Invariant($"{threads}/{id}/children"));
                foreach (var child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    open.Push(Number(child));
                // Not the one in "task", which has no map_files.
                var thread = Read(FormattableString.Invariant($"/proc/{id}"), isFirst);
                if (thread.IsDead)
                    continue;
                found.Add(thread);
                isFirst = false;
            }
        }
        return found;
    }

    /// <summary>A set of capabilities or a number in hexadecimal; 0 if the field isn't there.</summary>
    public ulong Hex(string field) =>
        Status.TryGetValue(field, out var value) ? ulong.Parse(value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 0;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static RestoredThread Read(string folder, bool isFirst) => new(folder, isFirst, File.ReadLines(Path.Combine(folder, "status"))
        .Select(line => line.Split(':', 2))
        .Where(parts => parts.Length == 2)
        .ToDictionary(parts => parts[0], parts => parts[1].Trim()));
}
