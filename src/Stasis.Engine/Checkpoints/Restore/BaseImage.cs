using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>The image that a restored container's root file system is based on.</summary>
internal static class BaseImage
{
    /// <summary>Finds it by its ID, or by its name; pulls it if it isn't there.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="config">The container's config.dump.</param>
    /// <param name="title">What messages call the checkpoint's source.</param>
    /// <param name="progress">Told how far a pull has come.</param>
    /// <param name="cancellation">Cancels a pull.</param>
    /// <exception cref="StasisException">It can't be pulled.</exception>
    public static async Task<Image> FindOrPullAsync(
        StasisEngine engine, ContainerConfig config, string title, IProgress<OperationProgress>? progress, CancellationToken cancellation)
    {
        if (config.RootfsImageId is { Length: > 0 } digest && engine.Images.Find(digest) is { } same)
            return same;
        if (config.RootfsImageName is not { Length: > 0 } name)
            throw new ArchiveException(title, ArchiveEntryNames.ConfigDump, "it names no image");
        if (engine.Images.Find(name) is { } named)
            return named;
        progress?.Report(new OperationProgress($"pulling {name}", 0, null));
        try
        {
            // As a name of a registry, whatever transport it begins with. Whether that may be asked has been vetted.
            var reference = $"docker://{ImageName.Parse(name).Registry()}";
            return await engine.Images.PullAsync(reference, new PullProgress(progress), cancellation);
        }
        catch (StasisException e)
        {
            throw new StasisException($"the base image {name} of the container in {title} is missing, and can't be pulled: {e.Message}", e)
            {
                Remedy = $"bring the image here (stasis image load -i FILE, or stasis image import ROOTFS.tar {name}) and restore again",
            };
        }
    }

    private sealed class PullProgress(IProgress<OperationProgress>? progress) : IProgress<ImageProgress>
    {
        public void Report(ImageProgress value) =>
            progress?.Report(new OperationProgress($"pulling {value.What}", value.Done, value.Total));
    }
}
