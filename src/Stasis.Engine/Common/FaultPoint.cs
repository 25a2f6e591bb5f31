using Stasis.Engine.Errors;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Common;

/// <summary>
/// Places where a test makes the process die, fail or wait, to try on purpose what crashes do by accident. STASIS_FAULT
/// names one as <c>point=kill</c> (SIGKILL to this process), <c>point=error</c> (an exception), <c>point=full</c> (as
/// if the disk were full) or <c>point=wait:FILE</c> (until FILE is gone; FILE.hit is made on arrival). Unset, it costs
/// one null check.
/// </summary>
internal static class FaultPoint
{
    private static readonly (string Point, string Action)? Wanted = Parse(Environment.GetEnvironmentVariable("STASIS_FAULT"));

    public static void Hit(string point)
    {
        if (Wanted is not { } wanted || wanted.Point != point)
            return;
        if (wanted.Action == "kill")
            PidFd.KillSelf();
        else if (wanted.Action == "full")
            throw new LinuxException("write", point, Errno.ENOSPC);
        else if (wanted.Action.StartsWith("wait:", StringComparison.Ordinal))
            WaitUntilGone(wanted.Action["wait:".Length..]);
        else
            throw new StasisException($"fault point {point}");
    }

    private static void WaitUntilGone(string file)
    {
        File.Create(file + ".hit").Dispose();
        while (File.Exists(file))
            Task.Delay(5).Wait();
    }

    private static (string, string)? Parse(string? value) =>
        value?.Split('=', 2) is [var point, var action] ? (point, action) : null;
}
