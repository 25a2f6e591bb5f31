using System.Diagnostics;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>Opens a source's checkpoint: one that is in the store, an image's, or an archive's (<see cref="ArchiveOpener"/>).</summary>
/// <param name="engine">The engine.</param>
/// <param name="source">What is opened; not a container in place.</param>
/// <param name="access">Who decrypts an archive, and who must have signed it.</param>
/// <param name="purpose">What it is opened for.</param>
/// <param name="progress">Told how far reading has come.</param>
internal sealed class CheckpointOpener(
    StasisEngine engine, CheckpointSource source, ArchiveReadSettings access, OpenPurpose purpose, IProgress<OperationProgress>? progress)
{
    private string Title => source.DisplayName;

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
            case CheckpointSource.RegistryImage image:
                return await OpenAsync(image, cancellation);
            case CheckpointSource.ArchiveStream(var content):
                return await OpenArchive(content);
            case CheckpointSource.ArchiveFile(var path):
                await using (var file = HashedArchiveInput.Open(path))
                    return await OpenArchive(file);
            default:
                throw new UnreachableException($"{source} is not opened, but restored in place");
        }

        Task<OpenedCheckpoint> OpenArchive(Stream archive) =>
            new ArchiveOpener(engine, source, access, purpose, progress).OpenAsync(archive, cancellation);
    }

    private async Task<ExistingCheckpoint> FindAsync(string idOrTag, CancellationToken cancellation)
    {
        var stored = engine.Checkpoints.Get(idOrTag);
        CheckpointStore.RequireKept(stored);
        return new ExistingCheckpoint(engine, source, await CheckpointLease.AcquireAsync(engine, stored.Id, Title, cancellation));
    }

    private async Task<OpenedCheckpoint> OpenImageAsync(string name, CancellationToken cancellation)
    {
        var image = engine.Images.Get(name);
        if (!image.IsCheckpoint)
        {
            throw new StasisException($"image is not a checkpoint: {name}")
            {
                Remedy = "checkpoint images are made with container checkpoint --create-image or --push, or archive push; an archive of "
                    + "one must be an oci-archive, as docker-archives lose what makes it one",
            };
        }
        var id = Digests.Hex(image.Layers[0]);
        if (purpose != OpenPurpose.Exclusive && await CheckpointLease.TryAcquireAsync(engine, id, cancellation) is { } held)
            return new ExistingCheckpoint(engine, source, held);
        var content = new CheckpointProvenance
        {
            Origin = CheckpointOrigin.Image,
            ReadDigest = CheckpointImage.GetDigest(image),
            Id = purpose == OpenPurpose.Exclusive ? null : id,
        };
        var (staging, _) = await StagedCheckpoint.StageAsync(
            engine, folder => Task.Run(() => LinkImage(image, folder, cancellation), cancellation));
        return new StagedCheckpoint(engine, source, staging, content, claim: null);
    }

    private async Task<OpenedCheckpoint> OpenAsync(CheckpointSource.RegistryImage image, CancellationToken cancellation)
    {
        var name = image.Name.ToString();
        if (engine.Images.Find(name) is not null)
            return await OpenImageAsync(name, cancellation);
        if (access.Signers is { } signers)
            throw OpenedCheckpoint.CreateUnsigned(source, signers); // before anything is fetched
        if (await new RegistryImageOpener(engine, image, access.Limits, purpose).TryOpenAsync(cancellation) is { } opened)
            return opened;
        await engine.Images.PullCheckpointAsync(image.Name, image.Registry, access.Limits, cancellation);
        try
        {
            return await OpenImageAsync(name, cancellation);
        }
        catch
        {
            await engine.Images.RemoveAsync(name, cancellationToken: CancellationToken.None);
            throw;
        }
    }

    private CheckpointEntryPaths LinkImage(Image image, CheckpointEntryPaths folder, CancellationToken cancellation)
    {
        CheckpointImage.Unpack(engine, image, Title, folder.Path, cancellation);
        // How long the layer was when it was compressed isn't known: a tenth, as of an ordinary one.
        var length = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) / 10;
        var budget = new EntryBudget(Title, () => length, access.Limits);
        new ArchiveValidator(Title, folder.Path, access.Limits, budget).Check(cancellation);
        return folder;
    }
}
