namespace Stasis.Engine.Criu;

/// <summary>CRIU's statistics of a dump (images/stats.proto: dump_stats_entry). Times in microseconds, pages of 4096 bytes.</summary>
public sealed record DumpStatistics
{
    /// <summary>Time to freeze the tasks.</summary>
    public uint FreezingTime { get; init; }
    /// <summary>Time they were frozen.</summary>
    public uint FrozenTime { get; init; }
    /// <summary>Time to collect their memory.</summary>
    public uint MemdumpTime { get; init; }
    /// <summary>Time to write it.</summary>
    public uint MemwriteTime { get; init; }
    /// <summary>Pages looked at.</summary>
    public ulong PagesScanned { get; init; }
    /// <summary>Pages left to the parent checkpoint.</summary>
    public ulong PagesSkippedParent { get; init; }
    /// <summary>Pages written.</summary>
    public ulong PagesWritten { get; init; }

    /// <summary>Reads the stats-dump that CRIU left in its work directory; null if it left none.</summary>
    internal static DumpStatistics? Read(string workDirectory) =>
        ImageFile.ReadStats(Path.Combine(workDirectory, "stats-dump"), Proto.StatsEntry.Parser)?.Dump is { } dump
            ? new DumpStatistics
            {
                FreezingTime = dump.FreezingTime,
                FrozenTime = dump.FrozenTime,
                MemdumpTime = dump.MemdumpTime,
                MemwriteTime = dump.MemwriteTime,
                PagesScanned = dump.PagesScanned,
                PagesSkippedParent = dump.PagesSkippedParent,
                PagesWritten = dump.PagesWritten,
            }
            : null;
}
