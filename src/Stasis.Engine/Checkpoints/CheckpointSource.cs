using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints;

/// <summary>Where a container comes from that is made anew: an archive, a checkpoint image, or a checkpoint in the store.</summary>
/// <param name="Title">What to call it in messages.</param>
/// <param name="Image">The image, if it is one.</param>
/// <param name="Stored">The checkpoint in the store, if it is one.</param>
internal sealed record CheckpointSource(string Title, Image? Image = null, StoredCheckpoint? Stored = null)
{
    /// <summary>What the options name.</summary>
    /// <exception cref="NotFoundException">There is no such image, or checkpoint.</exception>
    /// <exception cref="ArchiveException">The image is not a checkpoint.</exception>
    public static CheckpointSource FromOptions(RestoreOptions options, StasisEngine engine)
    {
        if (options.Checkpoint is { } checkpoint)
            return new CheckpointSource($"checkpoint {checkpoint}", Stored: engine.Checkpoints.Get(checkpoint));
        if (options.Image is not { } name)
            return new CheckpointSource(options.Import!);
        var image = engine.Images.Get(name);
        return image.IsCheckpoint ? new CheckpointSource(name, Image: image) : throw new StasisException($"image is not a checkpoint: {name}")
        {
            Remedy = "checkpoint images are made with container checkpoint --create-image; an archive of one must be an oci-archive, as docker-archives lose what makes it one",
        };
    }
}
