using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Criu;

/// <summary>
/// CRIU's statistics of a restore (images/stats.proto: restore_stats_entry). Times are in microseconds; a page has 4096 bytes.
/// </summary>
public sealed record RestoreStatistics
{
    /// <summary>Pages compared with the parent's.</summary>
    public ulong PagesCompared { get; init; }
    /// <summary>Pages shared with the parent.</summary>
    public ulong PagesSkippedCow { get; init; }
    /// <summary>Time to fork the tasks.</summary>
    public uint ForkingTime { get; init; }
    /// <summary>Time of the whole restore.</summary>
    public uint RestoreTime { get; init; }
    /// <summary>Pages restored.</summary>
    public ulong PagesRestored { get; init; }

    /// <summary>Reads the stats-restore that CRIU left in its work directory; null if it left none.</summary>
    internal static RestoreStatistics? Read(string workDirectory) =>
        LocalImageFile.TryReadFirst(Path.Combine(workDirectory, "stats-restore"), ImageKind.Statistics)?.Child("restore") is { } restore
            ? new RestoreStatistics
            {
                PagesCompared = restore.Number("pages_compared"),
                PagesSkippedCow = restore.Number("pages_skipped_cow"),
                ForkingTime = restore.U32("forking_time"),
                RestoreTime = restore.U32("restore_time"),
                PagesRestored = restore.Number("pages_restored"),
            }
            : null;
}
