using Stasis.Linux.Files;

namespace Stasis.Engine.Criu;

/// <summary>CRIU's log files. Of a long log, the lines marked as errors say why CRIU failed.</summary>
internal static class CriuLog
{
    private const int MaxLines = 10;

    /// <summary>
    /// The last ten error lines of a log that say why, without their time stamps, e.g. "Error (criu/sk-inet.c:191): inet: Connected TCP
    /// socket, consider using --tcp-established option."; none if there is no log.
    /// </summary>
    public static IReadOnlyList<string> ErrorLines(string path)
    {
        if (!File.Exists(path))
            return [];
        var last = new Queue<string>();
        foreach (var line in File.ReadLines(path))
        {
            var at = line.IndexOf("Error (", StringComparison.Ordinal);
            if (at < 0 || CriuErrors.IsNoise(line))
                continue;
            var error = line[at..].TrimEnd();
            if (last.Contains(error))
                continue; // of each of many attempts
            if (last.Count == MaxLines)
                last.Dequeue();
            last.Enqueue(error);
        }
        return [.. last];
    }

    /// <summary>
    /// Whether the log of a dump has its last line: CRIU has undone what it had changed (criu/cr-dump.c: cr_dump_finish).
    /// </summary>
    public static bool HasEnded(string log) => File.ReadLines(log).Any(line =>
        line.EndsWith("Dumping FAILED.", StringComparison.Ordinal)
        || line.EndsWith("Dumping finished successfully", StringComparison.Ordinal));

    /// <summary>Moves a log to where it is kept.</summary>
    /// <returns>Where it is: the old path if it can't be moved.</returns>
    public static string Keep(string log, string kept)
    {
        try
        {
            PrivateDirectory.Create(Path.GetDirectoryName(kept)!);
            File.Move(log, kept, overwrite: true);
            return kept;
        }
        catch (IOException)
        {
            return log; // the disk is full; the error is quoted anyway, and the caller has still to undo the failed verb
        }
    }

    /// <summary>
    /// What went wrong and the log's path, each on a line of its own, to append to a message; empty if the log has no error lines. Errors
    /// that are known are told in plain words. What CRIU itself said is quoted if none is.
    /// </summary>
    public static string Quote(string path)
    {
        var errors = ErrorLines(path);
        var lines = CriuErrors.Explain(errors) is { Count: > 0 } known ? known : errors;
        return lines.Count == 0 ? "" : $"\n  {string.Join("\n  ", lines)}\n  (CRIU's log: {path})";
    }
}
