using Stasis.Engine.Errors;

namespace Stasis.Engine.Oci;

internal sealed partial class Runtime
{
    /// <summary>
    /// Creates the exception for a verb that failed. The reason is what the runtime logged, else what it printed.
    /// </summary>
    /// <param name="what">The verb and the container's ID.</param>
    /// <param name="log">The log of the call.</param>
    /// <param name="printed">The runtime's output, or conmon's report of it.</param>
    /// <param name="details">What is added to the reason: CRIU's error lines.</param>
    public RuntimeException CreateFailure(string what, RuntimeLog log, string printed, string details = "")
    {
        var verb = what.Split(' ')[0];
        var why = log.ReadErrors() ?? (printed.Trim() is { Length: > 0 } words ? words : "it gave no reason");
        foreach (var said in (string[])[$"{Name} {verb} failed: ", $"{verb} failed: "])
            why = why.StartsWith(said, StringComparison.Ordinal) ? why[said.Length..] : why;
        if (details.Length > 0)
            why = WithoutLog(why);
        return new RuntimeException($"{Name} {what}: {why}{details}", GetProblem(why));
    }

    // The details name CRIU's log as well. runc: "criu failed: type NOTIFY errno 0\nlog file: PATH"; crun: "CRIU checkpointing failed -52.
    // Please check CRIU logfile PATH".
    private static string WithoutLog(string why)
    {
        foreach (var mention in (string[])["\nlog file: ", " Please check CRIU logfile "])
        {
            if (why.IndexOf(mention, StringComparison.Ordinal) is >= 0 and var start)
            {
                var end = why.IndexOfAny([';', '\n'], start + mention.Length);
                why = why[..start] + (end < 0 ? "" : why[end..]);
            }
        }
        return why.Replace("criu failed: type NOTIFY errno 0", "CRIU failed", StringComparison.Ordinal);
    }

    /// <summary>Creates the exception for a verb that took longer than <see cref="TimeLimit"/>.</summary>
    public StasisException CreateTimeout(string what, Exception inner) =>
        new($"{Name} {what}: no answer within {TimeLimit.TotalSeconds} s, killed", inner);

    // As Podman reads the messages of runc and crun (libpod/oci_util.go).
    private static CommandProblem GetProblem(string why)
    {
        if (!why.Contains("exec", StringComparison.Ordinal))
            return CommandProblem.None;
        if (Says("permission denied", "operation not permitted", "is a directory"))
            return CommandProblem.NotExecutable;
        return Says("executable file not found", "no such file or directory", "not found in $PATH")
            ? CommandProblem.NotFound
            : CommandProblem.None;

        bool Says(params string[] words) => words.Any(word => why.Contains(word, StringComparison.OrdinalIgnoreCase));
    }
}
