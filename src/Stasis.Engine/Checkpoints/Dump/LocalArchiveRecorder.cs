using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>Records archives that were written on this host, which a restore trusts.</summary>
internal static class LocalArchiveRecorder
{
    /// <summary>Records the digest of a written archive, before the file gets its name, so that no archive is missed.</summary>
    public static void Add(LocalArchiveDigests own, ArchiveWriter archive) => own.Add(archive.Digest!, archive.Length);

    /// <summary>
    /// Syncs the archive to disk and gives the file its name, then records the file (device, inode, size, times), so that a
    /// restore knows it without hashing. Waits up to one tick of the kernel's clock if that record needs it.
    /// </summary>
    public static async Task CommitAsync(LocalArchiveDigests own, ArchiveWriter archive)
    {
        // The file's times prove something only if they are older than its name by a tick of the clock. A small archive is hashed
        // in no time, and one that goes through a pipe has no name: neither waits.
        if (archive.Status is { Size: >= LazyRestore.WorthBytes } status
            && FileUnchangedCheck.UntilSettled(status, DateTimeOffset.UtcNow) is { Ticks: > 0 } left)
            await Task.Delay(left);
        if (archive.Commit() is ({ } before, { } named) && FileUnchangedCheck.IsUnchanged(before, named))
            own.Remember(archive.Digest!, named);
    }
}
