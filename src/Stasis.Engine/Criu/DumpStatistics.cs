using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Criu;

/// <summary>CRIU's statistics of a dump (images/stats.proto: dump_stats_entry). Times are in microseconds; a page has 4096 bytes.</summary>
public sealed record DumpStatistics
{
    /// <summary>Time to freeze the tasks.</summary>
    public uint FreezingTime { get; init; }
    /// <summary>Time that the tasks were frozen.</summary>
    public uint FrozenTime { get; init; }
    /// <summary>Time to collect the tasks' memory.</summary>
    public uint MemdumpTime { get; init; }
    /// <summary>Time to write the memory.</summary>
    public uint MemwriteTime { get; init; }
    /// <summary>Pages that CRIU examined.</summary>
    public ulong PagesScanned { get; init; }
    /// <summary>Pages left to the parent checkpoint.</summary>
    public ulong PagesSkippedParent { get; init; }
    /// <summary>Pages written.</summary>
    public ulong PagesWritten { get; init; }

    /// <summary>Reads the stats-dump that CRIU left in its work directory; null if it left none.</summary>
    internal static DumpStatistics? Read(string workDirectory) =>
        LocalImageFile.TryReadFirst(Path.Combine(workDirectory, "stats-dump"), ImageKind.Statistics)?.Child("dump") is { } dump
            ? new DumpStatistics
            {
                FreezingTime = dump.U32("freezing_time"),
                FrozenTime = dump.U32("frozen_time"),
                MemdumpTime = dump.U32("memdump_time"),
                MemwriteTime = dump.U32("memwrite_time"),
                PagesScanned = dump.Number("pages_scanned"),
                PagesSkippedParent = dump.Number("pages_skipped_parent"),
                PagesWritten = dump.Number("pages_written"),
            }
            : null;
}
