using System.Globalization;

namespace Stasis.Engine.Containers;

/// <summary>Signals by name and number (signal(7), x86 and ARM), as Podman takes them.</summary>
public static class Signals
{
    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP",
        "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>A name with or without SIG in any case, RTMIN+n, RTMAX-n, or a number from 1 to 64.</summary>
    /// <exception cref="FormatException">There is no such signal.</exception>
    public static int Parse(string text)
    {
        var name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal))
            name = name[3..];
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 64)
            return number;
        if (Array.IndexOf(Names, name, 1) is var known and > 0)
            return known;
        if (Realtime(name, "RTMIN", 34, 1) is { } fromMin)
            return fromMin;
        return Realtime(name, "RTMAX", 64, -1) ?? throw new FormatException("it must be the name of a signal such as TERM, or a number from 1 to 64");
    }

    /// <summary>Its name with SIG, as <c>inspect</c> shows it; the number where it has none.</summary>
    public static string Name(int signal) => signal switch
    {
        > 0 and < 32 => $"SIG{Names[signal]}",
        34 => "SIGRTMIN",
        > 34 and <= 64 => $"SIGRTMIN+{signal - 34}",
        _ => signal.ToString(CultureInfo.InvariantCulture),
    };

    private static int? Realtime(string name, string prefix, int origin, int direction)
    {
        if (!name.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        var rest = name[prefix.Length..];
        var sign = direction > 0 ? '+' : '-';
        var offset = rest.Length == 0 ? 0
            : rest[0] == sign && int.TryParse(rest.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1;
        return offset is >= 0 and <= 30 ? origin + direction * offset : null;
    }
}
