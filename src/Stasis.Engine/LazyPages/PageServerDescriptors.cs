using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.LazyPages;

/// <summary>The descriptors that a page server inherits from the restore that starts it.</summary>
/// <param name="Control">The listening socket.</param>
/// <param name="Archive">The archive that pages are read from; null if the checkpoint is complete.</param>
/// <param name="BackfillLock">
/// The lock on that, which the server holds until it has read all pages; null if the checkpoint is complete.
/// </param>
internal sealed record PageServerDescriptors(SafeFileHandle Control, SafeFileHandle? Archive, SafeFileHandle? BackfillLock)
{
    private const int ControlNumber = 3;
    private const int ArchiveNumber = 4;
    private const int BackfillLockNumber = 5;

    /// <summary>This process's own: of a page server that was started so.</summary>
    /// <param name="hasArchive">Whether an archive and a lock were given.</param>
    public static PageServerDescriptors Inherit(bool hasArchive) =>
        new(Inherit(ControlNumber), hasArchive ? Inherit(ArchiveNumber) : null, hasArchive ? Inherit(BackfillLockNumber) : null);

    /// <summary>By number, for the process that is started.</summary>
    public Dictionary<int, SafeFileHandle> ToChildDescriptors()
    {
        var descriptors = new Dictionary<int, SafeFileHandle> { [ControlNumber] = Control };
        if (Archive is not null)
            descriptors.Add(ArchiveNumber, Archive);
        if (BackfillLock is not null)
            descriptors.Add(BackfillLockNumber, BackfillLock);
        return descriptors;
    }

    private static SafeFileHandle Inherit(int number) => new(number, ownsHandle: true);
}
