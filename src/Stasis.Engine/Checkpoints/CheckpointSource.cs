using Stasis.Engine.Errors;
using Stasis.Engine.Images;

namespace Stasis.Engine.Checkpoints;

/// <summary>
/// Where a restore takes a container from: one of <see cref="ArchiveFile"/>, <see cref="ArchiveStream"/>, <see cref="NamedImage"/>,
/// <see cref="RegistryImage"/>, <see cref="InStore"/> and <see cref="InPlace"/>.
/// </summary>
public abstract record CheckpointSource
{
    private CheckpointSource()
    {
    }

    /// <summary>What messages call it.</summary>
    internal abstract string DisplayName { get; }

    /// <summary>Archive of the pre-checkpoint that the checkpoint builds on; null where the source holds all of it.</summary>
    internal virtual string? PreCheckpointArchive => null;

    /// <summary>A checkpoint archive, of Stasis or Podman.</summary>
    public abstract record Archive : CheckpointSource
    {
        private protected Archive()
        {
        }

        /// <summary>
        /// Path of the archive of the pre-checkpoint that the checkpoint builds on. Null if the archive holds it itself, as those of
        /// Stasis do, or builds on none.
        /// </summary>
        public string? PreCheckpoint { get; init; }

        internal override string? PreCheckpointArchive => PreCheckpoint;
    }

    /// <summary>An archive in a file. A file that is in the store already, and hasn't changed, isn't read again.</summary>
    /// <param name="Path">The file's path.</param>
    public sealed record ArchiveFile(string Path) : Archive
    {
        internal override string DisplayName => Path;
    }

    /// <summary>An archive from a stream, which is read to its end, and left open. Messages call it "-".</summary>
    /// <param name="Content">The archive's bytes; the stream needn't be able to seek.</param>
    public sealed record ArchiveStream(Stream Content) : Archive
    {
        /// <summary>What messages call it.</summary>
        internal string Title { get; init; } = "-";

        internal override string DisplayName => Title;
    }

    /// <summary>A checkpoint image, as <see cref="CheckpointOptions.CreateImage"/> makes them.</summary>
    /// <param name="Name">The image's name or ID.</param>
    public sealed record NamedImage(string Name) : CheckpointSource
    {
        /// <summary>As <see cref="Archive.PreCheckpoint"/>.</summary>
        public string? PreCheckpoint { get; init; }

        internal override string DisplayName => Name;

        internal override string? PreCheckpointArchive => PreCheckpoint;
    }

    /// <summary>
    /// A checkpoint image on a registry, by its digest. Where its layer allows it, the container runs before its memory has been fetched.
    /// Otherwise the image is pulled, and stays in the store.
    /// </summary>
    /// <param name="Reference">Its name with its digest, <c>registry.example.com/counter@sha256:…</c>.</param>
    public sealed record RegistryImage(string Reference) : CheckpointSource
    {
        /// <summary>How the registry is spoken to.</summary>
        public RegistryOptions Registry { get; init; } = new();

        internal override string DisplayName => Reference;

        /// <summary>The reference's parts.</summary>
        /// <exception cref="StasisException">It isn't one, or has no digest.</exception>
        internal ImageName Name => ImageName.Parse(Reference).Registry() is { Digest: not null } name ? name
            : throw new StasisException($"image {Reference} is to be named by its digest") { Remedy = "give NAME@sha256:DIGEST" };
    }

    /// <summary>A checkpoint in the store.</summary>
    /// <param name="IdOrTag">The checkpoint's tag, its ID or a unique beginning of that.</param>
    public sealed record InStore(string IdOrTag) : CheckpointSource
    {
        internal override string DisplayName => $"checkpoint {IdOrTag}";
    }

    /// <summary>
    /// A container that was checkpointed in place. The restore brings this container back; from all other sources a restore makes a new
    /// one.
    /// </summary>
    /// <param name="NameOrId">The container's name, its ID or a unique beginning of that.</param>
    public sealed record InPlace(string NameOrId) : CheckpointSource
    {
        internal override string DisplayName => $"the checkpoint of {NameOrId}";
    }
}
