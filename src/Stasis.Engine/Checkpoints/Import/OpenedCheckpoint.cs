using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Ssh;
using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// A checkpoint that was opened to make containers from. Its type says where its files are: in the store
/// (<see cref="ExistingCheckpoint"/>), in a staging folder (<see cref="StagedCheckpoint"/>), or there except for memory pages, which are
/// still in the archive (<see cref="LazyCheckpoint"/>).
/// </summary>
internal abstract class OpenedCheckpoint(StasisEngine engine, CheckpointSource source) : IDisposable
{
    /// <summary>The folder that holds its files: in the store as soon as it is committed.</summary>
    public abstract CheckpointEntryPaths Folder { get; }

    /// <summary>
    /// Whether every byte of it is as this Stasis wrote it: a checkpoint of a container of this host, or one from an archive or image
    /// that was written here and is unchanged.
    /// </summary>
    public abstract bool IsLocal { get; }

    /// <summary>Time that validating an archive's entries took; zero if nothing was read.</summary>
    public virtual TimeSpan ValidationDuration => TimeSpan.Zero;

    /// <summary>The engine.</summary>
    protected StasisEngine Engine { get; } = engine;

    /// <summary>Where it was opened from.</summary>
    protected CheckpointSource Source { get; } = source;

    /// <summary>
    /// Requires of a source without a signature file (the store, an image) that the archive it came from was signed, or that this host
    /// made it.
    /// </summary>
    /// <exception cref="ArchiveException">It wasn't signed by one of <paramref name="signers"/>, and isn't this host's own.</exception>
    public void RequireSignature(TrustedSigners signers)
    {
        if (!IsSignatureSatisfied(signers))
            throw CreateUnsigned(Source, signers);
    }

    /// <summary>The error for what isn't signed.</summary>
    public static ArchiveException CreateUnsigned(CheckpointSource source, TrustedSigners signers)
    {
        var isImage = source is CheckpointSource.NamedImage or CheckpointSource.RegistryImage;
        var why = isImage ? "images that weren't made here have none" : $"its archive was read without one of {signers.Source}";
        return new ArchiveException(source.DisplayName, null, $"a signature is required, and {why}")
        {
            Remedy = isImage
                ? "restore it from an archive that is signed: --import FILE"
                : "import its archive once more, with its signature: stasis checkpoint import FILE",
        };
    }

    /// <summary>
    /// Puts it into the store, unless it is there; starts the page server that reads missing memory pages, if there are any and that is
    /// for this process to do. What is returned belongs to this object, and is held until this is disposed.
    /// </summary>
    /// <param name="config">The config.dump of its container.</param>
    /// <param name="durable">Whether all of it is on disk when this returns.</param>
    /// <param name="cancellation">If cancelled, nothing new is in the store.</param>
    public abstract Task<CheckpointLease> CommitAsync(ContainerConfig config, bool durable, CancellationToken cancellation);

    /// <summary>
    /// Disposes it after a failure: what is in the store, is used by no container, and wouldn't outlive its containers, is removed.
    /// </summary>
    public abstract void Abandon();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Whether it was signed by one of <paramref name="signers"/>, or needs no signature as it is this host's own.</summary>
    protected virtual bool IsSignatureSatisfied(TrustedSigners signers) => IsLocal;
}
