using System.Globalization;

namespace Stasis.UnitTests.Fuzz;

/// <summary>
/// The most memory that this process had since this was made: managed, of native libraries, and of all
/// threads (proc_pid_clear_refs, proc_pid_status).
/// </summary>
internal sealed class PeakMemory : IDisposable
{
    public PeakMemory()
    {
        GC.Collect();
        File.WriteAllText("/proc/self/clear_refs", "5"); // the peak begins anew
    }

    public long Bytes()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }

    public void Dispose() => GC.Collect(); // what this target left isn't the next one's
}
