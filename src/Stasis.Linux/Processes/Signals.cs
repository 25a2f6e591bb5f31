using System.Globalization;

namespace Stasis.Linux.Processes;

/// <summary>Signals by number and by name (signal(7), x86 and Arm numbers).</summary>
public static class Signals
{
    /// <summary>SIGHUP.</summary>
    public const int Hup = 1;
    /// <summary>SIGINT.</summary>
    public const int Int = 2;
    /// <summary>SIGQUIT.</summary>
    public const int Quit = 3;
    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;
    /// <summary>SIGTERM.</summary>
    public const int Term = 15;
    /// <summary>SIGCONT.</summary>
    public const int Cont = 18;
    /// <summary>SIGSTOP.</summary>
    public const int Stop = 19;
    /// <summary>SIGWINCH.</summary>
    public const int WindowChanged = 28;

    private const int RealTimeMin = 34; // the C library uses 32 and 33 itself
    private const int RealTimeMax = 64;

    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>
    /// A signal's bit in a set of signals, as in /proc/PID/status (proc_pid_status(5)): bit N - 1 for signal N. 0 if there is no such
    /// signal.
    /// </summary>
    public static ulong Bit(uint signal) => signal is >= 1 and <= RealTimeMax ? 1UL << ((int)signal - 1) : 0;

    /// <summary>
    /// Parses the name of a signal (signal(7)) or its number: "SIGTERM", "term", "15", "RTMIN+1"; null if there is no such
    /// signal.
    /// </summary>
    public static int? Parse(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number is >= 1 and <= RealTimeMax ? number : null;
        var name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal))
            name = name[3..];
        return name switch
        {
            "" => null,
            "IOT" => 6,
            "CLD" => 17,
            "POLL" => 29,
            _ when name.StartsWith("RTMIN", StringComparison.Ordinal) => RealTime(RealTimeMin, name["RTMIN".Length..], 1),
            _ when name.StartsWith("RTMAX", StringComparison.Ordinal) => RealTime(RealTimeMax, name["RTMAX".Length..], -1),
            _ => Array.IndexOf(Names, name) is > 0 and var index ? index : null,
        };
    }

    /// <summary>The name of a signal: "SIGTERM" for 15, "SIGRTMIN+1" for 35; the number if it has no name.</summary>
    public static string Name(int signal) => signal switch
    {
        > 0 when signal < Names.Length => "SIG" + Names[signal],
        RealTimeMin => "SIGRTMIN",
        > RealTimeMin and <= RealTimeMax => string.Create(CultureInfo.InvariantCulture, $"SIGRTMIN+{signal - RealTimeMin}"),
        _ => signal.ToString(CultureInfo.InvariantCulture),
    };

    private static int? RealTime(int from, string offset, int direction)
    {
        if (offset.Length == 0)
            return from;
        if (offset[0] != (direction > 0 ? '+' : '-'))
            return null;
        if (!int.TryParse(offset.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var by))
            return null;
        return by <= RealTimeMax - RealTimeMin ? from + (direction * by) : null;
    }
}
