using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Archive;
using Stasis.Linux.Files;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>
/// A file. A lease (<see cref="FileLease"/>), which the caller has taken, keeps it from being written to while it is read.
/// </summary>
/// <param name="file">The file, open; closed with this object.</param>
internal sealed class LeasedArchive(SafeFileHandle file) : IPagesArchive
{
    public RandomAccessArchive Index { get; } = RandomAccessArchive.TryOpen(file, limits: ArchiveLimits.Unlimited)
        ?? throw new InvalidDataException("the archive has no seek table any more: it was replaced or changed");

    public bool IsWanted => FileLease.IsBreaking(file);

    // A read of a file ends by itself, and isn't tried again.
    public bool IsAwaited
    {
        set { }
    }

    public void Cancel()
    {
    }

    // If the lease still holds, nobody wrote to the archive since its hash was checked.
    public Exception? Confirm() => FileLease.Release(file)
        ? null
        : new InvalidDataException("the archive may have been changed while it was read: the lease on it (fcntl(2), F_SETLEASE) was lost");

    public void Dispose()
    {
        Index.Dispose();
        file.Dispose();
    }
}
