namespace Stasis.Engine.Criu;

/// <summary>What CRIU says about a failure: its log is long, its reasons are the lines marked as errors.</summary>
internal static class CriuLog
{
    private const int MostLines = 10;

    /// <summary>The last error lines of a log, without their time stamps, e.g. "Error (criu/sk-inet.c:191): inet: Connected TCP socket, consider using
    /// --tcp-established option."; none if there is no log.</summary>
    public static IReadOnlyList<string> ErrorLines(string path)
    {
        if (!File.Exists(path))
            return [];
        var last = new Queue<string>();
        foreach (var line in File.ReadLines(path))
        {
            var at = line.IndexOf("Error (", StringComparison.Ordinal);
            if (at < 0)
                continue;
            if (last.Count == MostLines)
                last.Dequeue();
            last.Enqueue(line[at..].TrimEnd());
        }
        return [.. last];
    }

    /// <summary>Moves a log to where it stays, and gives that path.</summary>
    public static string Keep(string log, string kept)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
            File.Move(log, kept, overwrite: true);
            return kept;
        }
        catch (IOException)
        {
            return log; // the disk is full: what matters is quoted already, and what failed is still to be undone
        }
    }

    /// <summary>The error lines and where the rest is to be read, each on a line of its own, to put after a message; empty if the log has none.</summary>
    public static string Quote(string path) =>
        ErrorLines(path) is { Count: > 0 } lines ? $"\n  {string.Join("\n  ", lines)}\n  (CRIU's log: {path})" : "";
}
