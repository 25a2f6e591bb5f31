using System.Globalization;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>The system call that a thread is in (proc(5), /proc/PID/syscall).</summary>
/// <param name="Number">The call's number; -1 if it is in none.</param>
/// <param name="Argument">Its first argument.</param>
internal readonly record struct ThreadSystemCall(int Number, ulong Argument)
{
    /// <summary>The folders in /proc of all threads of a process; none if it has ended.</summary>
    public static IReadOnlyList<string> GetThreads(int pid)
    {
        try
        {
            return Directory.GetDirectories(FormattableString.Invariant($"/proc/{pid}/task"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The call of a thread; null if it runs, or has ended.</summary>
    /// <param name="thread">The thread's folder in /proc.</param>
    public static ThreadSystemCall? TryRead(string thread)
    {
        try
        {
            // "58 0x0 0x7f12 …", "-1 0x7ffe 0x7f12", or "running".
            var fields = File.ReadAllText(Path.Combine(thread, "syscall")).Split(' ');
            return int.TryParse(fields[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? new ThreadSystemCall(number, ulong.Parse(fields[1].AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
