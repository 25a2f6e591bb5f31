using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Archive;
using Stasis.Engine.Archive.Signing;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Ssh;
using Stasis.Engine.Images;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Engine.Vetting.Policy;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// A checkpoint on its way into the store, or in it already. An archive file is opened once; if it is the one that a checkpoint in the store was read from, and hasn't changed since, it isn't
/// read. Until <see cref="StoreAsync(bool, CancellationToken)"/> what was read lies in a staging folder.
/// </summary>
internal sealed class StoreImport : IDisposable
{
    private readonly StasisEngine _engine;
    private readonly CheckpointSource _source;
    private StagingFolder? _staging;
    private FileLock? _reading;
    private FileLock? _held;
    private FileStatus? _file;
    private DirectArchive? _direct;
    private FileLock? _filling;
    private string? _digest;
    private string? _read;
    private string? _signer;
    private string? _id;

    private StoreImport(StasisEngine engine, CheckpointSource source) => (_engine, _source) = (engine, source);

    /// <summary>Where its files are.</summary>
    public CheckpointFolder Folder => new(_held is not null ? _engine.Layout.Checkpoint(_id!) : Path.Combine(_staging!.Path, "checkpoint"));

    /// <summary>Its ID in the store, when it is there.</summary>
    public string? Id => _held is null ? null : _id;

    /// <summary>It was in the store already: nothing was read.</summary>
    public bool WasStored { get; private init; }

    /// <summary>How long it took to look through what an archive holds; nothing if it was there already.</summary>
    public TimeSpan ValidationDuration { get; private set; }

    /// <summary>Every byte of it is as this Stasis wrote it: it is a checkpoint of this host's own container, or came in an archive or image that was made here.</summary>
    public bool IsOwn => _held is not null && _engine.CheckpointStore.FindById(_id!) is { } stored ? IsOwnIn(_engine, stored)
        : _engine.OwnArchives.Contains(_source.Image is { } image ? CheckpointImage.GetDigest(image) : _read ?? "");

    /// <summary>The same of one that is in the store.</summary>
    public static bool IsOwnIn(StasisEngine engine, StoredCheckpoint stored) => stored.Origin switch
    {
        CheckpointOrigin.Container => true,
        CheckpointOrigin.Image => engine.OwnArchives.Contains($"image:{stored.Id}"),
        _ => engine.OwnArchives.Contains($"sha256:{stored.Digest ?? engine.CheckpointStore.FindDigestBeingRead(stored.Id) ?? stored.Id}"), // it may just become whole: its ID tells too
    };

    /// <summary>
    /// Requires of what is no archive, and so has no signature beside it, that it was signed when it was one, or is this host's own: a checkpoint of one of its containers, or an image that was made here.
    /// </summary>
    /// <exception cref="ArchiveException">It wasn't.</exception>
    public void RequireTrusted(TrustedSigners signers)
    {
        var stored = _held is not null ? _engine.CheckpointStore.FindById(_id!) : null;
        var trusted = stored is { Origin: CheckpointOrigin.Archive } ? stored.Signer is { } key && signers.NameOf(SshPublicKey.Parse(key)) is not null : IsOwn;
        if (!trusted)
            throw new ArchiveException(_source.Title, null, $"a signature is required, and {(_source.Image is not null ? "images that weren't made here have none" : $"its archive was read without one of {signers.Source}")}")
            {
                Remedy = _source.Image is not null ? "restore it from an archive that is signed: --import FILE" : "import its archive once more, with its signature: stasis checkpoint import FILE",
            };
    }

    /// <summary>Finds it in the store, or reads it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="source">What it comes from.</param>
    /// <param name="access">Who reads an archive, and who must have signed it.</param>
    /// <param name="use">What for.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Cancels it.</param>
    public static async Task<StoreImport> OpenAsync(StasisEngine engine, CheckpointSource source, ArchiveAccess access, ImportMode use, IProgress<CheckpointProgress>? progress, CancellationToken cancellation)
    {
        var alone = use == ImportMode.Alone;
        if (source.Stored is { } stored)
        {
            CheckpointStore.RequireKept(stored);
            return await TryHoldAsync(engine, source, stored.Id, cancellation) ?? throw new NotFoundException($"{source.Title} was removed from the store meanwhile");
        }
        if (source.Image is { } image)
        {
            var id = Digests.Hex(image.Layers[0]);
            return (alone ? null : await TryHoldAsync(engine, source, id, cancellation))
                ?? await ReadAsync(new StoreImport(engine, source) { _id = alone ? null : id }, folder => UnpackImage(engine, image, source.Title, folder, cancellation), cancellation);
        }
        await using var file = ArchiveInput.Open(source.Title);
        var status = file is FileStream opened ? FileStatus.Read(opened.SafeFileHandle) : default;
        if (alone || !status.IsRegularFile)
            return await ReadAsync(new StoreImport(engine, source), file, access, isWhole: !alone, progress, cancellation);
        if (await FindAsync(engine, source, access, file, status, use, cancellation) is { } there)
            return there;
        var import = new StoreImport(engine, source) { _file = status };
        // Others that come with the same file meanwhile wait, and need not read it.
        import._reading = await engine.Log.Locks.AcquireAsync(engine.Layout.ArchiveLock(status.ContainingDevice, status.Inode), shared: false, cancellation);
        if (await FindAsync(engine, source, access, file, status, use, cancellation) is { } now)
        {
            import.Dispose();
            return now;
        }
        if (await TryReadDirectlyAsync(import, file, access, use, cancellation) is { } direct)
            return direct;
        return await ReadAsync(import, file, access, isWhole: true, progress, cancellation);
    }

    /// <summary>As below, of an archive whose container isn't known yet.</summary>
    /// <exception cref="ArchiveException">It isn't a container's checkpoint, or not complete.</exception>
    public Task<string> StoreAsync(bool durable, CancellationToken cancellation)
    {
        var config = ArchiveReader.ReadJson(_source.Title, Folder.Path, ArchiveEntryNames.ConfigDump, EngineJson.Default.ContainerConfig);
        var spec = ArchiveReader.ReadJson(_source.Title, Folder.Path, ArchiveEntryNames.SpecDump, EngineJson.Default.OciSpec);
        DumpJsonValidator.Require(config, spec, _source.Title);
        PreCheckpoint.RequireComplete(Folder, _source.Title);
        return StoreAsync(config, durable, cancellation);
    }

    /// <summary>Puts it into the store, unless it is there, and gives its ID. It can't be removed until this is disposed, nor afterwards while a container uses it.</summary>
    /// <param name="config">Its container's.</param>
    /// <param name="durable">It is on disk when this returns.</param>
    /// <param name="cancellation">Cancels it.</param>
    public async Task<string> StoreAsync(ContainerConfig config, bool durable, CancellationToken cancellation)
    {
        var store = _engine.CheckpointStore;
        if (_held is not null)
        {
            await FillAsync(cancellation);
            if (durable)
                Persist(store);
            return _id!;
        }
        var now = DateTimeOffset.UtcNow;
        var origin = _source.Image is null ? CheckpointOrigin.Archive : CheckpointOrigin.Image;
        var checkpoint = new StoredCheckpoint(_id ?? RandomHex.Digits(64), origin, config.Id, config.Name, config.RootfsImageName, now, now) { Digest = _digest, IsComplete = _direct is null };
        if (_direct is not null)
        {
            // From when others can see it, they see that somebody is at it.
            _filling = await _engine.Log.Locks.AcquireAsync(_engine.Layout.FillingLock(_id!), shared: false, cancellation);
            AtomicFile.Write(Layout.FillingMark(Folder.Path), Encoding.ASCII.GetBytes(_id!), durable: false);
        }
        _id = await store.AddAsync(checkpoint, Folder.Path, durable, cancellation);
        if (_filling is not null && _id != checkpoint.Id)
        {
            EndFilling();
            _filling = FileLock.TryAcquire(_engine.Layout.FillingLock(_id));
        }
        _held = await store.AcquireAsync(_id, cancellation) ?? throw new StasisException($"{_source.Title} was removed from the store at once by another command") { Remedy = "try again" };
        if (_signer is not null)
            store.RecordSigner(_id, _signer);
        if (_file is { } file)
            store.Remember(file, _id);
        await FillAsync(cancellation);
        if (durable)
            Persist(store); // it may have been there under its hash
        StopReading();
        // The staging folder of one that no container uses yet tells, should this process die, that there may be such a one.
        if (_digest is not null)
            ReleaseStaging();
        return _id;
    }

    private void Persist(CheckpointStore store)
    {
        store.Persist(_id!);
        store.Use(_id!);
    }

    public void Dispose()
    {
        ReleaseStaging();
        _filling?.Dispose();
        _direct?.Dispose();
        _held?.Dispose();
    }

    // The one that the file is known to hold, if it can be used: is it not whole yet, it is waited for, or its memory comes on demand, from who reads it already, or from a page server of our own.
    private static async Task<StoreImport?> FindAsync(StasisEngine engine, CheckpointSource source, ArchiveAccess access, Stream file, FileStatus status, ImportMode use, CancellationToken cancellation)
    {
        if (engine.CheckpointStore.FindByFile(status) is not { } known || !IsSigned(engine, source, access, known) || await TryHoldAsync(engine, source, known.Id, cancellation) is not { } there)
            return null;
        if (await there.IsUsableAsync(((FileStream)file).SafeFileHandle, use, cancellation))
            return there;
        there.Dispose();
        return null;
    }

    private async Task<bool> IsUsableAsync(SafeFileHandle file, ImportMode use, CancellationToken cancellation)
    {
        var store = _engine.CheckpointStore;
        if (store.IsComplete(_id!))
            return true;
        if (use is not (ImportMode.Lazy or ImportMode.MayBeLazy))
            return await store.WaitUntilCompleteAsync(_id!, cancellation);
        _filling = FileLock.TryAcquire(_engine.Layout.FillingLock(_id!));
        if (_filling is null)
            return true; // somebody is at it
        if (!store.IsComplete(_id!) && (_direct ??= DirectArchive.TryOpen(_engine, _source.Title, file, use == ImportMode.Lazy)) is not null)
            return true;
        EndFilling();
        return store.IsComplete(_id!);
    }

    // Starts the page server that reads what is missing, if that is for this command to do.
    private async Task FillAsync(CancellationToken cancellation)
    {
        if (_filling is null || _direct is null)
            return;
        FaultPoint.Hit("store.filling");
        if (_engine.CheckpointStore.IsComplete(_id!))
        {
            EndFilling();
            return;
        }
        await LazyRestore.StartFillingAsync(_engine, _id!, _direct.File, _filling, cancellation);
        _direct.HandOver();
        _filling.Dispose();
        _filling = null;
    }

    private void EndFilling()
    {
        _filling?.Remove();
        _filling?.Dispose();
        _filling = null;
    }

    private static async Task<StoreImport?> TryReadDirectlyAsync(StoreImport import, Stream file, ArchiveAccess access, ImportMode use, CancellationToken cancellation)
    {
        var engine = import._engine;
        var begun = DateTimeOffset.UtcNow;
        if (use is not (ImportMode.Lazy or ImportMode.MayBeLazy) || access.Signers is not null
            || DirectArchive.TryOpen(engine, import._source.Title, ((FileStream)file).SafeFileHandle, use == ImportMode.Lazy) is not { } direct)
            return null;
        try
        {
            import._direct = direct;
            string? digest = null;
            await ReadAsync(import, async folder => digest = await direct.UnpackAsync(engine, access.Limits, new CheckpointFolder(folder), cancellation));
            if (digest is not null)
            {
                (import._read, import._id) = (digest, Digests.Hex(digest));
                import.ForgetUnsettled(file, begun);
                // The same archive may have come under another name.
                if (engine.CheckpointStore.FindByArchive(import._id) is not { } same || await TryHoldAsync(engine, import._source, same.Id, cancellation) is not { } there)
                    return import;
                (there._direct, import._direct) = (direct, null);
                if (import._file is { } known)
                    engine.CheckpointStore.Remember(known, same.Id);
                import.Dispose();
                if (await there.IsUsableAsync(direct.File, use, cancellation))
                    return there;
                there.Dispose();
                throw new StasisException($"{import._source.Title} could not be read: checkpoint {same.Id[..12]}, which was made from it, is neither complete nor being completed") { Remedy = "try again" };
            }
        }
        catch
        {
            import.Dispose();
            throw;
        }
        import._staging!.Dispose();
        direct.Dispose();
        (import._staging, import._direct) = (null, null);
        return null;
    }

    // A signature over SHA-256 is told from the hash that the archive is known by. For others it must be read.
    private static bool IsSigned(StasisEngine engine, CheckpointSource source, ArchiveAccess access, StoredCheckpoint known)
    {
        if (access.Signers is not { } signers)
            return true;
        var signature = SignatureCheck.Open(source.Title, access.Signature, signers);
        if (!signature.NeedsNoBytes || known.Digest is not { } digest)
            return false;
        signature.Require(Convert.FromHexString(digest));
        engine.CheckpointStore.RecordSigner(known.Id, signature.Key.ToString());
        return true;
    }

    private static async Task<StoreImport?> TryHoldAsync(StasisEngine engine, CheckpointSource source, string id, CancellationToken cancellation) =>
        await engine.CheckpointStore.AcquireAsync(id, cancellation) is { } held ? new StoreImport(engine, source) { _id = id, _held = held, WasStored = true } : null;

    private static async Task<StoreImport> ReadAsync(StoreImport import, Stream file, ArchiveAccess access, bool isWhole, IProgress<CheckpointProgress>? progress, CancellationToken cancellation)
    {
        var begun = DateTimeOffset.UtcNow;
        var archive = default(UnpackedArchive);
        await ReadAsync(import, folder => archive = ArchiveReader.Unpack(import._source.Title, file, access, folder,
            read => progress?.Report(new CheckpointProgress("reading archive", read.Done, read.Total)), cancellation), cancellation);
        import._read = archive!.Digest;
        import._signer = archive.Signed?.Key.ToString();
        import.ValidationDuration = archive.ValidationDuration;
        // Who encrypted it doesn't want it to lie about in clear longer than it must, nor others to find it.
        if (isWhole && !archive.WasEncrypted)
            import._id = import._digest = Digests.Hex(archive.Digest);
        else
            import._file = null;
        import.ForgetUnsettled(file, begun);
        return import;
    }

    // What can't be told to be the file that was read isn't remembered.
    private void ForgetUnsettled(Stream file, DateTimeOffset begun)
    {
        if (_file is { } before && (FileStatus.Read(((FileStream)file).SafeFileHandle) != before || !FileTimes.IsSettled(before, begun)))
            _file = null;
    }

    private static void UnpackImage(StasisEngine engine, Image image, string title, string folder, CancellationToken cancellation)
    {
        CheckpointImage.Unpack(engine, image, title, folder, cancellation);
        new ArchiveValidator(title, folder, ArchiveLimits.Default).Check(cancellation);
    }

    private static Task<StoreImport> ReadAsync(StoreImport import, Action<string> unpack, CancellationToken cancellation) =>
        ReadAsync(import, folder => Task.Run(() => unpack(folder), cancellation));

    private static async Task<StoreImport> ReadAsync(StoreImport import, Func<string, Task> unpack)
    {
        try
        {
            import._staging = StagingFolder.Create(import._engine.Layout);
            Directory.CreateDirectory(import.Folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await unpack(import.Folder.Path);
            return import;
        }
        catch
        {
            import.Dispose();
            throw;
        }
    }

    private void ReleaseStaging()
    {
        _staging?.Dispose();
        _staging = null;
        StopReading();
    }

    private void StopReading()
    {
        _reading?.Remove();
        _reading?.Dispose();
        _reading = null;
    }
}
