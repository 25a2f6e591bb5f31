using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>What is known of a checkpoint's files by what they were read from.</summary>
internal sealed record CheckpointProvenance
{
    /// <summary>Whether they were read from an archive or linked from an image.</summary>
    public required CheckpointOrigin Origin { get; init; }

    /// <summary>
    /// Digest of what was read, "sha256:…" or "image:…", as <see cref="LocalArchiveDigests"/> knows what was written here.
    /// </summary>
    public required string ReadDigest { get; init; }

    /// <summary>
    /// ID that the checkpoint gets in the store, in 64 hexadecimal digits: the SHA-256 of the archive, or of the image's layer. Null for
    /// one that nobody else is to find by its content, which gets a random ID.
    /// </summary>
    public string? Id { get; init; }

    /// <summary>
    /// SHA-256 by which others find the checkpoint in the store, and for which it outlives its containers. Null if it goes with its last
    /// container: it is an image's, was encrypted, took two archives, or isn't complete yet.
    /// </summary>
    public string? SharedDigest { get; init; }

    /// <summary>SSH public key that the archive was signed with, if a signature was required.</summary>
    public string? Signer { get; init; }

    /// <summary>Time that validating an archive's entries took.</summary>
    public TimeSpan ValidationDuration { get; init; }

    /// <summary>Of an archive that was read from its beginning to its end.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="isShared">Whether others are to find the checkpoint by the archive's digest.</param>
    public static CheckpointProvenance FromArchive(UnpackedArchive archive, bool isShared)
    {
        var id = isShared ? Digests.Hex(archive.Digest) : null;
        return new CheckpointProvenance
        {
            Origin = CheckpointOrigin.Archive,
            ReadDigest = archive.Digest,
            Id = id,
            SharedDigest = id,
            Signer = archive.Signed?.Key.ToString(),
            ValidationDuration = archive.ValidationDuration,
        };
    }

    /// <summary>
    /// Of an archive whose memory pages are still to be read. Its digest is shared when they are, by
    /// <see cref="CheckpointStore.Complete"/>.
    /// </summary>
    /// <param name="digest">The archive's digest, "sha256:…".</param>
    public static CheckpointProvenance FromStreamedArchive(string digest) =>
        new() { Origin = CheckpointOrigin.Archive, ReadDigest = digest, Id = Digests.Hex(digest) };

    /// <summary>As <see cref="FromStreamedArchive"/>, of an image on a registry.</summary>
    /// <param name="id">64 digits that are of this image, and of its repository, alone.</param>
    public static CheckpointProvenance FromRegistry(string id) =>
        new() { Origin = CheckpointOrigin.Image, ReadDigest = $"manifest:{id}", Id = id };
}
