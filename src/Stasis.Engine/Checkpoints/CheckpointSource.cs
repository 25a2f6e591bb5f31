using Stasis.Engine.Archive;
using Stasis.Engine.Images;

namespace Stasis.Engine.Checkpoints;

/// <summary>Where a container comes from that is made anew: an archive, or a checkpoint image.</summary>
/// <param name="Title">What to call it in messages.</param>
/// <param name="Image">The image, or null for an archive.</param>
internal sealed record CheckpointSource(string Title, Image? Image)
{
    /// <summary>What the options name.</summary>
    /// <exception cref="NotFoundException">There is no such image.</exception>
    /// <exception cref="ArchiveException">The image is not a checkpoint.</exception>
    public static CheckpointSource Of(RestoreOptions options, StasisEngine engine)
    {
        if (options.Image is not { } name)
            return new CheckpointSource(options.Import!, null);
        var image = engine.Images.Get(name);
        return image.IsCheckpoint ? new CheckpointSource(name, image) : throw new StasisException($"image is not a checkpoint: {name}")
        {
            Remedy = "checkpoint images are made with container checkpoint --create-image; an archive of one must be an oci-archive, as docker-archives lose what makes it one",
        };
    }

    /// <summary>Puts its entries into a folder, under an archive's names.</summary>
    public void Unpack(StasisEngine engine, ArchiveAccess access, string folder, IProgress<CheckpointProgress>? progress, CancellationToken cancellation)
    {
        if (Image is not null)
            CheckpointImage.Unpack(engine, Image, Title, folder, cancellation);
        else
            ArchiveReader.Unpack(Title, access, folder, read => progress?.Report(new CheckpointProgress("reading archive", read.Done, read.Total)), cancellation);
    }
}
