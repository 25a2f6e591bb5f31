using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Images.Layers;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Images;

public sealed partial class ImageManager
{
    /// <summary>
    /// Fetches an image through skopeo: a name for a registry (docker.io, if it has none), or any transport that skopeo
    /// knows (<c>oci:</c>, <c>oci-archive:</c>, <c>docker-archive:</c>, <c>dir:</c>, <c>containers-storage:</c>, …). As
    /// with <c>podman pull</c>, an image that had the name before loses it. The host's signature policy decides what is
    /// accepted; a host without one accepts everything.
    /// </summary>
    /// <exception cref="StasisException">It can't be had, or isn't what its digests say; nothing was changed.</exception>
    public Task<Image> PullAsync(
        string reference, IProgress<ImageProgress>? progress = null, CancellationToken cancellationToken = default) =>
        PullAsync(reference, retag: true, progress, cancellationToken);

    /// <summary>As <see cref="PullAsync(string, IProgress{ImageProgress}, CancellationToken)"/>.</summary>
    /// <param name="retag">
    /// Whether a name that another image has moves to the fetched one. If not, the fetched one stays without a name
    /// where its own is taken.
    /// </param>
    public Task<Image> PullAsync(
        string reference, bool retag, IProgress<ImageProgress>? progress = null, CancellationToken cancellationToken = default) =>
        PullAsync(reference, retag, new RegistryOptions(), progress, cancellationToken);

    /// <summary>As <see cref="PullAsync(string, bool, IProgress{ImageProgress}, CancellationToken)"/>.</summary>
    /// <param name="registry">How the registry is spoken to.</param>
    public async Task<Image> PullAsync(
        string reference,
        bool retag,
        RegistryOptions registry,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        if (ImageSource.IsId(reference))
            return Find(reference) ?? throw new NotFoundException($"{reference}: no image with this ID, and none can be fetched by its ID")
            {
                Remedy = "give its name",
            };
        using var staging = NewStaging();
        return await FetchAsync(
            ImageSource.Parse(reference, staging), staging, retag, registry, limits: null, progress, cancellationToken);
    }

    /// <summary>
    /// As above, of a checkpoint image that whoever starts containers has named: nothing else is fetched, and nothing beyond the limits is
    /// unpacked.
    /// </summary>
    /// <param name="name">Its name on a registry, with its digest.</param>
    /// <param name="registry">How the registry is spoken to.</param>
    /// <param name="limits">How large it may be.</param>
    /// <param name="cancellation">A cancelled call leaves nothing.</param>
    internal async Task PullCheckpointAsync(
        ImageName name, RegistryOptions registry, ArchiveLimits limits, CancellationToken cancellation)
    {
        using var staging = NewStaging();
        var source = ImageSource.Parse($"docker://{name}", staging);
        var bytes = await Skopeo.ReadManifestAsync(source, staging, registry, _engine.Log, cancellation);
        var manifest = OciManifest.TryParse(bytes);
        if (Digests.Compute(bytes) != name.Digest || manifest?.Annotations?.ContainsKey(Image.CheckpointRuntime) != true)
        {
            throw new StasisException($"image is not a checkpoint: {name}")
            {
                Remedy = "checkpoint images are pushed with container checkpoint --push, archive push, or push of one",
            };
        }
        if (manifest.Layers is not [{ } layer] || layer.Size > limits.MaxSize)
            throw new StasisException($"{name} is not a checkpoint image of one layer with at most {limits.MaxSize} bytes");
        _ = await FetchAsync(source, staging, retag: false, registry, limits, null, cancellation);
    }

    private async Task<Image> FetchAsync(
        ImageSource source,
        StagingFolder staging,
        bool retag,
        RegistryOptions registry,
        ArchiveLimits? limits,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken)
    {
        var folder = Guid.NewGuid().ToString("N");
        var staged = await Skopeo.CopyAsync(source, staging, folder, registry, progress, _engine.Log, cancellationToken);
        using var install = new LayerInstall(_engine.Layout, _engine.Log, staging, folder + "-layer-") { Limits = limits };
        foreach (var (layer, diffId) in staged.Manifest.Layers!.Zip(staged.DiffIds))
        {
            if (layer.MediaType is { } type && type.Contains("encrypted", StringComparison.Ordinal))
                throw new StasisException($"{source.DisplayName}: layer {layer.Digest} is encrypted");
            await install.AddAsync(staged.Blob(layer), layer.Digest, diffId, progress, cancellationToken);
        }
        return Record(install, staged.Config, staged.ManifestDigest, staged.Manifest.Annotations, source.Names, retag);
    }
}
