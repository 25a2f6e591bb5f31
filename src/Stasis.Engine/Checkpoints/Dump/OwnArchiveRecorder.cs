using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>Archives that are written here, and are remembered as own ones.</summary>
internal static class OwnArchiveRecorder
{
    /// <summary>Remembers one that is written, before it has its name; so that none is forgotten.</summary>
    public static void Add(OwnArchives own, ArchiveWriter archive) => own.Add(archive.Digest!, archive.Length);

    /// <summary>Makes it durable and gives it its name; and remembers the file, so that it needn't be hashed to be known.</summary>
    public static void Commit(OwnArchives own, ArchiveWriter archive)
    {
        // Its times tell only if it is older than its name by a tick of the clock. Of one that is small, or goes through a pipe, nothing depends on that.
        if (archive.Status is { Size: >= LazyRestore.WorthBytes } status && FileTimes.UntilSettled(status, DateTimeOffset.UtcNow) is { Ticks: > 0 } left)
            Thread.Sleep(left);
        if (archive.Commit() is ({ } before, { } named) && FileTimes.IsUnchanged(before, named))
            own.Remember(archive.Digest!, named);
    }
}
