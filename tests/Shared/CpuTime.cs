using System.Globalization;

namespace Stasis.Tests;

/// <summary>The processor time of a PID namespace.</summary>
internal static class CpuTime
{
    private const double TicksPerSecond = 100; // USER_HZ, on every architecture of Linux that .NET runs on

    /// <summary>
    /// Seconds that all processes of this PID namespace have used so far, those that have ended included: whoever waits for a
    /// process takes its time over (proc_pid_stat(5), fields 14 to 17), and the namespace's first process waits for orphans.
    /// The kernel's own threads are not in it.
    /// </summary>
    public static double ReadForNamespace() =>
        Directory.EnumerateDirectories("/proc")
            .Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]))
            .Sum(ReadForProcess) / TicksPerSecond;

    private static long ReadForProcess(string folder)
    {
        string stat;
        try
        {
            stat = File.ReadAllText(Path.Combine(folder, "stat"));
        }
        catch (IOException)
        {
            return 0; // reaped meanwhile: its parent has the time
        }
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // from field 3 on
        return fields[11..15].Sum(field => long.Parse(field, NumberStyles.None, CultureInfo.InvariantCulture));
    }
}
