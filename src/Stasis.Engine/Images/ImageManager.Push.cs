using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Images.Layers;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Images;

public sealed partial class ImageManager
{
    /// <summary>
    /// Copies an image to a registry, or to any other transport that skopeo writes. Its layers are packed anew: where that gives other
    /// bytes than those they came in, the image there has another ID. Annotations, which make a checkpoint image one, stay.
    /// </summary>
    /// <param name="reference">The image.</param>
    /// <param name="destination">
    /// A name on a registry, or a transport with its details (<c>oci:/path</c>). Null for the image's own name.
    /// </param>
    /// <param name="registry">How the registry is spoken to; null for defaults.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellationToken">A cancelled call may leave layers on the registry, which no image there uses.</param>
    /// <returns>Digest of the manifest there: "sha256:" and 64 digits.</returns>
    /// <exception cref="NotFoundException">There is no such image.</exception>
    /// <exception cref="StasisException">skopeo is missing, or the registry doesn't take it; the message is skopeo's own.</exception>
    public async Task<string> PushAsync(
        string reference,
        string? destination = null,
        RegistryOptions? registry = null,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var image = Get(reference);
        using var staging = NewStaging();
        var target = ImageDestination.Parse(destination ?? image.NameFor(reference));
        var folder = staging.PathOf("image");
        PrivateDirectory.Create(folder);
        var isSeekable = image.IsCheckpoint && target.IsRegistry;
        await Task.Run(() => Stage(image, folder, isSeekable, progress, cancellationToken), cancellationToken);
        return await PushAsync(target, folder, isSeekable, registry, staging, progress, cancellationToken);
    }

    /// <summary>Copies an image of one layer, which holds what is in a folder, to a registry. Nothing of it stays here.</summary>
    /// <param name="content">What is in it becomes the layer.</param>
    /// <param name="filter">Decides what of it.</param>
    /// <param name="annotations">Of the manifest.</param>
    /// <param name="destination">A name on a registry, or a transport with its details.</param>
    /// <param name="registry">How the registry is spoken to; null for defaults.</param>
    /// <param name="cancellationToken">A cancelled call may leave a layer on the registry, which no image there uses.</param>
    /// <returns>Digest of the manifest there.</returns>
    internal async Task<string> PushFolderAsync(
        string content,
        TarPackerFilter filter,
        IReadOnlyDictionary<string, string> annotations,
        string destination,
        RegistryOptions? registry,
        CancellationToken cancellationToken)
    {
        var target = ImageDestination.Parse(destination);
        using var staging = NewStaging();
        var folder = staging.PathOf("image");
        PrivateDirectory.Create(folder);
        await Task.Run(Stage, cancellationToken);
        return await PushAsync(target, folder, target.IsRegistry, registry, staging, null, cancellationToken);

        void Stage()
        {
            var options = LayerTar with { Filter = filter };
            var (layer, diffId) = target.IsRegistry ? SeekableLayer.Write(content, options, folder, cancellationToken)
                : StageLayer(content, folder, options, cancellationToken);
            StageManifest(OneLayerConfig.OfCreated(diffId), [layer], annotations, folder);
        }
    }

    private async Task<string> PushAsync(
        ImageDestination target,
        string folder,
        bool isSeekable,
        RegistryOptions? registry,
        StagingFolder staging,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken)
    {
        progress?.Report(new ImageProgress($"copying to {target.DisplayName}", 0, null));
        return await Skopeo.PushAsync(
            target, folder, isSeekable, registry ?? new RegistryOptions(), staging, _engine.Log, cancellationToken);
    }
}
