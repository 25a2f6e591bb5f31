using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.LazyPages.Memory;
using Stasis.Linux;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// An archive whose memory pages needn't be unpacked before its container runs: a page server reads them out of it on demand. Only an
/// archive that this Stasis wrote is taken, which is known by its file, if that hasn't been touched since, or by its hash. Nobody can
/// write to the file until all of it has been read (<see cref="FileLease"/>).
/// </summary>
internal sealed class LazyPagesArchive : LazyPagesSource
{
    // What CRIU must have at once is read at once. If that is more, nothing is gained.
    private const int MaxEagerPercent = 25;

    private readonly RandomAccessArchive _index;
    private readonly FileStatus _status;
    private bool _isServed;

    private LazyPagesArchive(string title, SafeFileHandle file, RandomAccessArchive index)
        : base(title, index, RandomAccess.GetLength(file)) => (Descriptor, _index, _status) = (file, index, FileStatus.Read(file));

    /// <summary>The archive's file, open for reading.</summary>
    public override SafeFileHandle Descriptor { get; }

    /// <inheritdoc/>
    public override string PageServerVerb => "fill";

    /// <summary>Opens an archive, if its pages can be read on demand and it may have been written here; null otherwise.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="title">What messages call it.</param>
    /// <param name="file">The archive's file; it stays the caller's.</param>
    /// <param name="asked">Whether memory on demand was asked for, however little there is.</param>
    public static LazyPagesArchive? TryOpen(StasisEngine engine, string title, SafeFileHandle file, bool asked)
    {
        if (!KernelFeatures.HasUserFaultFd() || !engine.LocalArchives.HasLength(RandomAccess.GetLength(file))
            || !FileLease.TryAcquire(file))
            return null;
        RandomAccessArchive? index = null;
        try
        {
            index = RandomAccessArchive.TryOpen(file, title);
            if (index is not null && PageBytes(index) is > 0 and var bytes && (asked || bytes >= LazyRestore.WorthBytes))
                return new LazyPagesArchive(title, FileDescriptors.Duplicate(file), index);
        }
        catch (Exception e) when (e is StasisException or IOException or TarException)
        {
            // Reading all of it says what is wrong.
        }
        index?.Dispose();
        _ = FileLease.Release(file);
        return null;
    }

    /// <summary>
    /// Unpacks all but the pages that can come later, and returns the archive's digest. Null if it wasn't written here, or if nothing
    /// would be gained: what was unpacked is then not to be used.
    /// </summary>
    public async Task<string?> UnpackAsync(
        StasisEngine engine, ArchiveLimits limits, CheckpointEntryPaths folder, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // Another file system can be changed elsewhere, and look the same afterwards. Who can change that of the root has the root.
        var isBesideRoot = _status.ContainingDevice == FileStatus.Read(engine.Layout.Root).ContainingDevice;
        var hash = isBesideRoot && engine.LocalArchives.FindByFile(_status) is { } known ? Task.FromResult(known)
            : Task.Factory.StartNew(() => Hash(stop.Token), stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            var eager = await Task.Run(() => UnpackAll(limits, folder, stop.Token), stop.Token);
            if (eager is not null && await hash is { } digest && engine.LocalArchives.Contains(digest))
            {
                ReadEagerPages(folder, eager);
                return digest;
            }
        }
        catch (Exception e) when (e is StasisException or IOException)
        {
            // As above.
        }
        await stop.CancelAsync();
        await hash.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        cancellation.ThrowIfCancellationRequested();
        return null;
    }

    /// <summary>Leaves the file's lease to a page server, which gives it back when all pages are read.</summary>
    public override void HandOver() => _isServed = true;

    public override void Dispose()
    {
        if (!_isServed && !Descriptor.IsClosed)
            _ = FileLease.Release(Descriptor);
        base.Dispose();
        Descriptor.Dispose();
    }

    private List<PagesFileRange>? UnpackAll(ArchiveLimits limits, CheckpointEntryPaths folder, CancellationToken cancellation)
    {
        var eager = UnpackWithoutPages(limits, folder, cancellation);
        return eager.Sum(part => part.Length) * 100 > PageBytes(_index) * MaxEagerPercent ? null : eager;
    }

    private string Hash(CancellationToken cancellation)
    {
        var hash = new Sha256();
        var buffer = new byte[1 << 20];
        for (var done = 0L; done < _status.Size;)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = RandomAccess.Read(Descriptor, buffer, done);
            if (count == 0)
                throw new EndOfStreamException("it was shortened");
            hash.Append(buffer.AsSpan(0, count));
            done += count;
        }
        return Digests.Text(hash.Finish());
    }
}
