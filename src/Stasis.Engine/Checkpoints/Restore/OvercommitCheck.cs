using System.Globalization;
using Stasis.Engine.Archive;
using Stasis.Engine.Criu;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// Whether the kernel lets CRIU map a checkpoint's memory if that is supplied on demand. CRIU then maps everything writable, also what a
/// program has only reserved (JVMs, .NET, Go, MariaDB reserve up to terabytes), and the kernel counts writable memory as used
/// (Documentation/mm/overcommit-accounting.rst).
/// </summary>
internal static class OvercommitCheck
{
    private const string Overcommit = "/proc/sys/vm/overcommit_memory";
    private const string Always = "1", Never = "2";

    /// <summary>Whether all mappings can be made.</summary>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public static bool AllowsLazyRestore(CheckpointEntryPaths checkpoint)
    {
        var policy = File.ReadAllText(Overcommit).Trim();
        if (policy == Always)
            return true;
        var sizes = Directory.EnumerateFiles(checkpoint.Images, "mm-*.img").SelectMany(MemoryMapImage.Read)
            .Where(mapping => mapping.IsCounted).Select(mapping => mapping.End - mapping.Start).ToList();
        if (sizes.Count == 0)
            return true;
        var memory = ReadMemory();
        if (policy != Never)
            return sizes.Max() <= memory["MemTotal"] + memory["SwapTotal"];
        return sizes.Aggregate(memory["Committed_AS"], (sum, size) => sum + size) <= memory["CommitLimit"];
    }

    // "MemTotal:       24621204 kB"
    private static Dictionary<string, ulong> ReadMemory() => File.ReadLines("/proc/meminfo")
        .Select(line => line.Split(':', 2))
        .ToDictionary(parts => parts[0], parts => ulong.Parse(parts[1].Trim().Split(' ')[0], CultureInfo.InvariantCulture) << 10);
}
