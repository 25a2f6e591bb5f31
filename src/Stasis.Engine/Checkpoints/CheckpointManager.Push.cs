using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Images;
using Stasis.Engine.Storage;
using Stasis.Engine.Vetting;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>
    /// Checkpoints a container that runs on, and copies the checkpoint to a registry as an image; nothing of it stays here.
    /// </summary>
    /// <param name="checkpoint">Makes the checkpoint with the options that it is given, which name an archive.</param>
    /// <param name="options"><see cref="CheckpointOptions.LeaveRunning"/> must be set, and no place be given.</param>
    /// <param name="destination">A name on a registry, or a transport of skopeo's with its details (<c>oci:/path</c>).</param>
    /// <param name="registry">How the registry is spoken to; null for defaults.</param>
    /// <param name="progress">Receives each step of the copying.</param>
    /// <param name="cancellationToken">As for <see cref="PushAsync"/>.</param>
    /// <returns>The checkpoint, and the digest of the image's manifest on the registry.</returns>
    public async Task<(CheckpointResult Result, string Digest)> CheckpointToRegistryAsync(
        Func<CheckpointOptions, Task<CheckpointResult>> checkpoint,
        CheckpointOptions options,
        string destination,
        RegistryOptions? registry = null,
        IProgress<OperationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        _ = ImageDestination.Parse(destination);
        if (!options.LeaveRunning)
        {
            throw new StasisException("a checkpoint that goes to a registry leaves the container running: the registry may not take it")
            {
                Remedy = "use --leave-running, and stop the container afterwards",
            };
        }
        using var staging = StagingFolder.Create(_engine.Layout);
        var archive = staging.PathOf("checkpoint.tar");
        options = options with { Export = archive, Compression = CompressionFormat.None };
        var result = await checkpoint(options);
        var source = new CheckpointSource.ArchiveFile(archive);
        return (result, await PushAsync(source, destination, null, registry, progress, cancellationToken));
    }

    /// <summary>
    /// Copies an archive to a registry as a checkpoint image, which <see cref="CheckpointSource.NamedImage"/> and Podman restore. What the
    /// archive may ask for isn't looked at before a restore. Of an encrypted archive, the image holds the plain content.
    /// </summary>
    /// <param name="archive">The archive.</param>
    /// <param name="destination">A name on a registry, or a transport of skopeo's with its details (<c>oci:/path</c>).</param>
    /// <param name="trust">How the archive is read; null for defaults.</param>
    /// <param name="registry">How the registry is spoken to; null for defaults.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellationToken">A cancelled call may leave layers on the registry, which no image there uses.</param>
    /// <returns>Digest of the image's manifest there: "sha256:" and 64 digits.</returns>
    /// <exception cref="ArchiveException">The archive can't be read, isn't signed as required, or isn't what it claims.</exception>
    /// <exception cref="StasisException">skopeo is missing, or the registry doesn't take the image.</exception>
    public async Task<string> PushAsync(
        CheckpointSource.Archive archive,
        string destination,
        ArchiveTrustOptions? trust = null,
        RegistryOptions? registry = null,
        IProgress<OperationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        _ = ImageDestination.Parse(destination);
        trust ??= new ArchiveTrustOptions();
        var access = ArchiveKeyLoader.Read(archive, trust, ImportPermissions.Load(trust.Allow, trust.Policy));
        var opener = new CheckpointOpener(_engine, archive, access, OpenPurpose.Complete, progress);
        using var opened = await opener.OpenAsync(cancellationToken);
        var dump = DumpedContainer.Read(opened.Folder, archive.DisplayName);
        PreCheckpoint.RequireComplete(opened.Folder, archive.DisplayName);
        progress?.Report(new OperationProgress("pushing", 0, null));
        return await _engine.Images.PushFolderAsync(
            opened.Folder.Path,
            CheckpointImage.Choose,
            CheckpointImage.CreateAnnotations(_engine, dump.Config),
            destination,
            registry,
            cancellationToken);
    }
}
