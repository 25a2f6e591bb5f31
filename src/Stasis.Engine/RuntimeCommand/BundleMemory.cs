using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>How much memory a checkpoint restores, beside how much the bundle allows.</summary>
internal sealed class BundleMemory
{
    private const string Swaps = "/proc/swaps";

    // CRIU is in the container's cgroup while it restores.
    private const long CriuBytes = 64L << 20;

    private readonly CheckpointEntryPaths _checkpoint;
    private readonly IReadOnlyList<long> _tasks; // bytes of each

    private BundleMemory(CheckpointEntryPaths checkpoint, IReadOnlyList<long> tasks) => (_checkpoint, _tasks) = (checkpoint, tasks);

    /// <summary>Reads the pagemaps.</summary>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public static BundleMemory Read(CheckpointEntryPaths checkpoint) =>
        new(checkpoint, [.. Directory.EnumerateFiles(checkpoint.Images, "pagemap-*.img").Select(CountBytes)]);

    /// <summary>Requires that the memory of each process is within the container's limit: the kernel would kill it.</summary>
    /// <param name="spec">The bundle's spec.</param>
    /// <param name="title">What messages call the checkpoint.</param>
    /// <exception cref="StasisException">One isn't.</exception>
    public void RequireWithinLimit(OciSpec spec, string title)
    {
        // How much of the memory processes share isn't known before they are restored: only the largest is certain.
        if (FindLimit(spec.Linux?.Resources?.Memory) is not { } limit || _tasks.DefaultIfEmpty().Max() is var largest && largest <= limit)
            return;
        throw new StasisException(
            $"{title}: a process has {Megabytes(largest)} MB of memory, and the container is limited to {Megabytes(limit)} MB")
        {
            Remedy = $"run the container with a memory limit of more than {Megabytes(largest)} MB",
        };
    }

    /// <summary>Whether the container is to run before its memory is there.</summary>
    /// <param name="spec">The bundle's spec.</param>
    public bool IsOnDemand(OciSpec spec)
    {
        // What arrives while the container is verified must not exceed the limit: the kernel would kill CRIU, and the processes would run.
        var fits = spec.Linux?.Resources?.Memory?.Limit is not (> 0 and var limit) || _tasks.Sum() + CriuBytes <= limit;
        return fits && LazyRestore.IsWanted(new RestoreMemoryOptions(), _checkpoint) && OvercommitCheck.AllowsLazyRestore(_checkpoint);
    }

    // Null if nothing limits it.
    private static long? FindLimit(OciMemory? memory)
    {
        if (memory?.Limit is not > 0)
            return null;
        var hasSwap = File.Exists(Swaps) && File.ReadLines(Swaps).Skip(1).Any(); // below a heading
        return !hasSwap ? memory.Limit : memory.Swap is > 0 ? memory.Swap : null;
    }

    private static long CountBytes(string pagemap) => PagemapImage.Read(pagemap).Entries
        .Where(entry => (entry.Flags & (PagemapFlags.Present | PagemapFlags.Parent)) != 0)
        .Aggregate(0L, (sum, entry) => checked(sum + ((long)entry.PageCount * Environment.SystemPageSize)));

    private static long Megabytes(long bytes) => (bytes + 999_999) / 1_000_000;
}
