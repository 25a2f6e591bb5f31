using Stasis.Engine.Errors;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Common;

/// <summary>
/// Places where a test makes the process die, fail or wait, to try on purpose what crashes do by accident. STASIS_FAULT
/// names one or several, with commas between them, as <c>point=kill</c> (SIGKILL to this process), <c>point=error</c> (an
/// exception), <c>point=full</c> (as if the disk were full) or <c>point=wait:FILE</c> (until FILE is gone; FILE.hit is made
/// on arrival). Unset, it costs one null check.
/// </summary>
internal static class FaultPoint
{
    private static readonly Dictionary<string, string>? Wanted = Parse(Environment.GetEnvironmentVariable("STASIS_FAULT"));

    public static void Hit(string point)
    {
        if (Wanted is null || !Wanted.TryGetValue(point, out var action))
            return;
        if (action == "kill")
            PidFd.KillSelf();
        else if (action == "full")
            throw new LinuxException("write", point, Errno.ENOSPC);
        else if (action.StartsWith("wait:", StringComparison.Ordinal))
            WaitUntilGone(action["wait:".Length..]);
        else
            throw new StasisException($"fault point {point}");
    }

    private static void WaitUntilGone(string file)
    {
        File.Create(file + ".hit").Dispose();
        while (File.Exists(file))
            Task.Delay(5).Wait();
    }

    private static Dictionary<string, string>? Parse(string? value) => value?.Split(',')
        .Select(fault => fault.Split('=', 2))
        .Where(fault => fault.Length == 2)
        .ToDictionary(fault => fault[0], fault => fault[1]);
}
