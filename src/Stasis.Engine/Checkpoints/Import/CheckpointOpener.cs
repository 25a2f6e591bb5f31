using System.Diagnostics;
using Stasis.Engine.Archive;
using Stasis.Engine.Archive.Signing;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// Finds a source's checkpoint in the store, or reads it. An archive's file is opened once; if a checkpoint in the store was read from
/// it, and the file hasn't changed since, it isn't read.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="source">What is opened; not a container in place.</param>
/// <param name="access">Who decrypts an archive, and who must have signed it.</param>
/// <param name="mode">What it is opened for.</param>
/// <param name="progress">Told how far reading has come.</param>
internal sealed class CheckpointOpener(
    StasisEngine engine, CheckpointSource source, ArchiveAccess access, OpenPurpose mode, IProgress<OperationProgress>? progress)
{
    private string Title => source.Title;

    private bool IsLazy => mode is OpenPurpose.Lazy or OpenPurpose.LazyIfLarge;

    /// <summary>Opens it.</summary>
    /// <param name="cancellation">If cancelled, everything made so far is removed.</param>
    /// <exception cref="NotFoundException">There is no such image, or checkpoint in the store.</exception>
    /// <exception cref="ArchiveException">The archive can't be read, isn't signed as required, or isn't what it claims.</exception>
    public async Task<OpenedCheckpoint> OpenAsync(CancellationToken cancellation)
    {
        switch (source)
        {
            case CheckpointSource.InStore(var idOrTag):
                return await FindAsync(idOrTag, cancellation);
            case CheckpointSource.NamedImage(var name):
                return await OpenImageAsync(name, cancellation);
            case CheckpointSource.ArchiveStream(var content):
                return await OpenArchiveAsync(content, cancellation);
            case CheckpointSource.ArchiveFile(var path):
                await using (var file = VerifiedArchiveStream.Open(path))
                    return await OpenArchiveAsync(file, cancellation);
            default:
                throw new UnreachableException($"{source} is not opened, but restored in place");
        }
    }

    private async Task<FoundCheckpoint> FindAsync(string idOrTag, CancellationToken cancellation)
    {
        var stored = engine.Checkpoints.Get(idOrTag);
        CheckpointStore.RequireKept(stored);
        return await HeldCheckpoint.TryAcquireAsync(engine, stored.Id, cancellation) is { } held
            ? new FoundCheckpoint(engine, source, held)
            : throw new NotFoundException($"{Title} was removed from the store meanwhile");
    }

    private async Task<OpenedCheckpoint> OpenImageAsync(string name, CancellationToken cancellation)
    {
        var image = engine.Images.Get(name);
        if (!image.IsCheckpoint)
        {
            throw new StasisException($"image is not a checkpoint: {name}")
            {
                Remedy = "checkpoint images are made with container checkpoint --create-image; an archive of one must be an oci-archive, "
                    + "as docker-archives lose what makes it one",
            };
        }
        var id = Digests.Hex(image.Layers[0]);
        if (mode != OpenPurpose.Exclusive && await HeldCheckpoint.TryAcquireAsync(engine, id, cancellation) is { } held)
            return new FoundCheckpoint(engine, source, held);
        var content = new StagedContent
        {
            Origin = CheckpointOrigin.Image,
            ReadDigest = CheckpointImage.GetDigest(image),
            Id = mode == OpenPurpose.Exclusive ? null : id,
        };
        var staging = await StageAsync(folder => Task.Run(() => LinkImage(image, folder, cancellation), cancellation));
        return new StagedCheckpoint(engine, source, staging, content, claim: null);
    }

    private void LinkImage(Image image, CheckpointFolder folder, CancellationToken cancellation)
    {
        CheckpointImage.Unpack(engine, image, Title, folder.Path, cancellation);
        // How long the layer was when it was compressed isn't known: a tenth, as of an ordinary one.
        var length = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) / 10;
        var budget = new EntryBudget(Title, () => length, access.Limits);
        new ArchiveValidator(Title, folder.Path, access.Limits, budget).Check(cancellation);
    }

    // A file whose checkpoint is in the store is not read again. One that was written here, with much memory, is streamed. All others are
    // read whole.
    private async Task<OpenedCheckpoint> OpenArchiveAsync(Stream archive, CancellationToken cancellation)
    {
        if (mode == OpenPurpose.Exclusive
            || archive is not FileStream file
            || FileStatus.Read(file.SafeFileHandle) is not { IsRegularFile: true } status)
            return await ReadArchiveAsync(archive, claim: null, cancellation);
        if (await FindByFileAsync(file, status, cancellation) is { } known)
            return known;
        var claim = await ArchiveFileClaim.AcquireAsync(engine, status, cancellation);
        try
        {
            var opened = await FindByFileAsync(file, status, cancellation) // read while this process waited for the claim
                ?? await TryStreamAsync(file, claim, cancellation)
                ?? await ReadArchiveAsync(file, claim, cancellation);
            if (opened is FoundCheckpoint)
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
        return await HeldCheckpoint.TryAcquireAsync(engine, known.Id, cancellation) is { } held
            ? await TryUseAsync(held, () => TryOpenLazily(file), cancellation)
            : null;
    }

    private LazyPagesArchive? TryOpenLazily(FileStream file) =>
        LazyPagesArchive.TryOpen(engine, Title, file.SafeFileHandle, asked: mode == OpenPurpose.Lazy);

    private async Task<FoundCheckpoint?> TryUseAsync(
        HeldCheckpoint held, Func<LazyPagesArchive?> openArchive, CancellationToken cancellation)
    {
        FoundCheckpoint? found = null;
        try
        {
            return found = await FoundCheckpoint.TryCreateAsync(engine, source, held, mode, openArchive, cancellation);
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
    private async Task<OpenedCheckpoint?> TryStreamAsync(FileStream file, ArchiveFileClaim claim, CancellationToken cancellation)
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
            string? digest = null;
            staging = await StageAsync(async folder => digest = await archive.UnpackAsync(engine, access.Limits, folder, cancellation));
            if (digest is null)
                return null;
            claim.ForgetIfChanged(FileStatus.Read(file.SafeFileHandle), begun);
            var id = Digests.Hex(digest);
            return opened = await FindByDigestAsync(id, archive, claim, cancellation)
                ?? new StreamedCheckpoint(engine, source, staging, StagedContent.FromStreamedArchive(digest), claim, archive);
        }
        finally
        {
            if (opened is not StreamedCheckpoint)
                staging?.Dispose();
            if (opened is not (StreamedCheckpoint or FoundCheckpoint { HasPendingPages: true }))
                archive.Dispose();
        }
    }

    // The same archive may have been read from another file. It is kept open meanwhile: nobody can write to it between hashing it and
    // reading its pages.
    private async Task<OpenedCheckpoint?> FindByDigestAsync(
        string id, LazyPagesArchive archive, ArchiveFileClaim claim, CancellationToken cancellation)
    {
        if (engine.CheckpointStore.FindByArchive(id) is not { } same)
            return null;
        if (await HeldCheckpoint.TryAcquireAsync(engine, same.Id, cancellation) is not { } held)
            return null;
        claim.Record(engine.CheckpointStore, same.Id);
        return await TryUseAsync(held, () => archive, cancellation) ?? throw new StasisException(
            $"{Title} could not be read: checkpoint {same.Id[..12]}, which was made from it, is neither complete nor being completed")
        {
            Remedy = "try again",
        };
    }

    private async Task<OpenedCheckpoint> ReadArchiveAsync(Stream archive, ArchiveFileClaim? claim, CancellationToken cancellation)
    {
        var begun = DateTimeOffset.UtcNow;
        UnpackedArchive? unpacked = null;
        var staging = await StageAsync(folder => Task.Run(
            () => unpacked = ArchiveReader.Unpack(Title, archive, access, folder.Path, Report, cancellation), cancellation));
        if (claim is not null)
            claim.ForgetIfChanged(FileStatus.Read(((FileStream)archive).SafeFileHandle), begun);
        // An encrypted archive's plain content isn't shared, and goes with its last container.
        var isShared = mode != OpenPurpose.Exclusive && !unpacked!.WasEncrypted;
        if (!isShared)
            claim?.Forget();
        return new StagedCheckpoint(engine, source, staging, StagedContent.FromArchive(unpacked!, isShared), claim);
    }

    private void Report((long Done, long? Total) read) =>
        progress?.Report(new OperationProgress("reading archive", read.Done, read.Total));

    private async Task<StagingFolder> StageAsync(Func<CheckpointFolder, Task> fill)
    {
        var staging = StagingFolder.Create(engine.Layout);
        try
        {
            var folder = StagedCheckpoint.FolderIn(staging);
            PrivateDirectory.Create(folder.Path);
            await fill(folder);
            return staging;
        }
        catch
        {
            staging.Dispose();
            throw;
        }
    }
}
