using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Archive;
using Stasis.Engine.LazyPages.Memory;
using Stasis.Engine.Vetting;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// What holds a checkpoint whose memory pages needn't be unpacked before its container runs: a page server reads them out of it on demand.
/// </summary>
/// <param name="title">What messages call it.</param>
/// <param name="index">Its entries; this object disposes it.</param>
/// <param name="length">Its length in bytes.</param>
internal abstract class LazyPagesSource(string title, RandomAccessArchive index, long length) : IDisposable
{
    /// <summary>The descriptor that the page server gets.</summary>
    public abstract SafeFileHandle Descriptor { get; }

    /// <summary>What the page server is told to do with it.</summary>
    public abstract string PageServerVerb { get; }

    /// <summary>Leaves it to a page server, which has the descriptor.</summary>
    public virtual void HandOver()
    {
    }

    /// <inheritdoc/>
    public virtual void Dispose() => index.Dispose();

    /// <summary>How much memory it holds, in bytes.</summary>
    protected static long PageBytes(RandomAccessArchive index) =>
        index.Entries.Where(entry => ArchiveEntryNames.IsPages(entry.Key)).Sum(entry => entry.Value.Length);

    /// <summary>Unpacks all but memory pages.</summary>
    /// <returns>The pages that CRIU must have at once.</returns>
    protected List<PagesFileRange> UnpackWithoutPages(ArchiveLimits limits, CheckpointEntryPaths folder, CancellationToken cancellation)
    {
        ArchiveUnpacker.UnpackWithoutPages(title, index, length, limits, folder.Path, cancellation);
        return VettingBudget.ForCheckpoint(folder).Run(title, () => EagerPages.Find(folder.Images)); // the images weren't vetted yet
    }

    /// <summary>Unpacks those.</summary>
    protected void ReadEagerPages(CheckpointEntryPaths folder, List<PagesFileRange> parts)
    {
        foreach (var file in parts.GroupBy(part => part.File))
        {
            using var backfill = new EntryPieceCopier(index, index.Entries[$"{ArchiveEntryNames.Checkpoint}/{file.Key}"],
                File.OpenHandle(Path.Combine(folder.Images, file.Key), FileMode.Open, FileAccess.ReadWrite));
            foreach (var part in file)
                backfill.Require(part.Offset, part.Length);
        }
    }
}
