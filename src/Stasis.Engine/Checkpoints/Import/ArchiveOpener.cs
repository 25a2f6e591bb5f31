using Stasis.Engine.Archive;
using Stasis.Engine.Archive.Signing;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// Opens an archive's checkpoint. The file is opened once; if a checkpoint in the store was read from it, and the file hasn't changed
/// since, it isn't read.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="source">The archive, as the caller named it.</param>
/// <param name="access">Who decrypts it, and who must have signed it.</param>
/// <param name="purpose">What it is opened for.</param>
/// <param name="progress">Told how far reading has come.</param>
internal sealed class ArchiveOpener(
    StasisEngine engine, CheckpointSource source, ArchiveReadSettings access, OpenPurpose purpose, IProgress<OperationProgress>? progress)
{
    private string Title => source.DisplayName;

    private bool IsLazy => purpose is OpenPurpose.Lazy or OpenPurpose.LazyIfLarge;

    /// <summary>
    /// Opens the archive. A file whose checkpoint is in the store is not read again. One that was written here, with much memory, is
    /// streamed. All others are read whole, into a staging folder.
    /// </summary>
    /// <param name="archive">The archive, at its beginning.</param>
    /// <param name="cancellation">If cancelled, everything made so far is removed.</param>
    /// <exception cref="ArchiveException">The archive can't be read, isn't signed as required, or isn't what it claims.</exception>
    public async Task<OpenedCheckpoint> OpenAsync(Stream archive, CancellationToken cancellation)
    {
        if (purpose == OpenPurpose.Exclusive
            || archive is not FileStream file
            || FileStatus.Read(file.SafeFileHandle) is not { IsRegularFile: true } status)
            return await ReadWholeAsync(archive, claim: null, cancellation);
        if (await FindByFileAsync(file, status, cancellation) is { } known)
            return known;
        var claim = await ArchiveFileLock.AcquireAsync(engine, status, cancellation);
        try
        {
            var opened = await FindByFileAsync(file, status, cancellation) // read while this process waited for the claim
                ?? await TryStreamAsync(file, claim, cancellation)
                ?? await ReadWholeAsync(file, claim, cancellation);
            if (opened is ExistingCheckpoint)
                claim.Dispose();
            return opened;
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    // The checkpoint that is known to have been read from this file, if it can be used.
    private async Task<OpenedCheckpoint?> FindByFileAsync(FileStream file, FileStatus status, CancellationToken cancellation)
    {
        if (engine.CheckpointStore.FindByFile(status) is not { } known || !IsSigned(known))
            return null;
        return await CheckpointLease.TryAcquireAsync(engine, known.Id, cancellation) is { } held
            ? await TryUseAsync(held, () => TryOpenLazily(file), cancellation)
            : null;
    }

    private LazyPagesArchive? TryOpenLazily(FileStream file) =>
        LazyPagesArchive.TryOpen(engine, Title, file.SafeFileHandle, asked: purpose == OpenPurpose.Lazy);

    private async Task<ExistingCheckpoint?> TryUseAsync(
        CheckpointLease held, Func<LazyPagesSource?> openArchive, CancellationToken cancellation)
    {
        ExistingCheckpoint? found = null;
        try
        {
            return found = await ExistingCheckpoint.TryCreateAsync(engine, source, held, purpose, openArchive, cancellation);
        }
        finally
        {
            if (found is null)
                held.Dispose();
        }
    }

    // A signature over SHA-256 is verified with the digest that the checkpoint is recorded with; for any other the archive must be read.
    private bool IsSigned(StoredCheckpoint known)
    {
        if (access.Signers is not { } signers)
            return true;
        var signature = SignatureCheck.Open(Title, access.Signature, signers);
        if (!signature.NeedsNoBytes || known.Digest is not { } digest)
            return false;
        signature.Require(Convert.FromHexString(digest));
        engine.CheckpointStore.RecordSigner(known.Id, signature.Key.ToString());
        return true;
    }

    // Null if the archive isn't one whose memory pages can be left in it; it is then read from its beginning.
    private async Task<OpenedCheckpoint?> TryStreamAsync(FileStream file, ArchiveFileLock claim, CancellationToken cancellation)
    {
        var begun = DateTimeOffset.UtcNow;
        if (!IsLazy || access.Signers is not null)
            return null;
        if (TryOpenLazily(file) is not { } archive)
            return null;
        OpenedCheckpoint? opened = null;
        StagingFolder? staging = null;
        try
        {
            (staging, var digest) = await StagedCheckpoint.StageAsync(
                engine, folder => archive.UnpackAsync(engine, access.Limits, folder, cancellation));
            if (digest is null)
                return null;
            claim.ForgetIfChanged(FileStatus.Read(file.SafeFileHandle), begun);
            var id = Digests.Hex(digest);
            return opened = await FindByDigestAsync(id, archive, claim, cancellation)
                ?? new LazyCheckpoint(engine, source, staging, CheckpointProvenance.FromStreamedArchive(digest), claim, archive);
        }
        finally
        {
            if (opened is not LazyCheckpoint)
                staging?.Dispose();
            if (opened is not (LazyCheckpoint or ExistingCheckpoint { HasPendingPages: true }))
                archive.Dispose();
        }
    }

    // The same archive may have been read from another file. It is kept open meanwhile: nobody can write to it between hashing it and
    // reading its pages.
    private async Task<OpenedCheckpoint?> FindByDigestAsync(
        string id, LazyPagesArchive archive, ArchiveFileLock claim, CancellationToken cancellation)
    {
        if (engine.CheckpointStore.FindByArchive(id) is not { } same)
            return null;
        if (await CheckpointLease.TryAcquireAsync(engine, same.Id, cancellation) is not { } held)
            return null;
        claim.Record(engine.CheckpointStore, same.Id);
        return await TryUseAsync(held, () => archive, cancellation) ?? throw new StasisException(
            $"{Title} could not be read: checkpoint {same.Id[..12]}, which was made from it, is neither complete nor being completed")
        {
            Remedy = "try again",
        };
    }

    private async Task<OpenedCheckpoint> ReadWholeAsync(Stream archive, ArchiveFileLock? claim, CancellationToken cancellation)
    {
        var begun = DateTimeOffset.UtcNow;
        var (staging, unpacked) = await StagedCheckpoint.StageAsync(engine, folder => Task.Run(
            () => ArchiveUnpacker.Unpack(Title, archive, access, folder.Path, Report, cancellation), cancellation));
        if (claim is not null)
            claim.ForgetIfChanged(FileStatus.Read(((FileStream)archive).SafeFileHandle), begun);
        // An encrypted archive's plain content isn't shared, and goes with its last container.
        var isShared = purpose != OpenPurpose.Exclusive && !unpacked.WasEncrypted;
        if (!isShared)
            claim?.Forget();
        return new StagedCheckpoint(engine, source, staging, CheckpointProvenance.FromArchive(unpacked, isShared), claim);
    }

    private void Report((long Done, long? Total) read) =>
        progress?.Report(new OperationProgress("reading archive", read.Done, read.Total));
}
