using Stasis.Engine.Errors;

namespace Stasis.Engine.Images;

public sealed partial class ImageManager
{
    /// <summary>
    /// Loads all images of a docker-archive or oci-archive (compressed or not; "-" is standard input), of an OCI
    /// layout's folder, or of a folder of skopeo's dir: transport, as <c>podman load</c>. They get the names that they
    /// have there.
    /// </summary>
    /// <exception cref="ArchiveException">It is none of these. Nothing was changed.</exception>
    public async Task<IReadOnlyList<Image>> LoadAsync(
        string path, IProgress<ImageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var staging = NewStaging();
        var archive = await Task.Run(() => ImageArchive.Open(path, staging), cancellationToken);
        if (archive.Images.Count == 0)
            throw new ArchiveException(path, null, "has no image");
        var images = new List<Image>();
        foreach (var source in archive.Images)
            images.Add(await FetchAsync(source, staging, retag: true, new RegistryOptions(), limits: null, progress, cancellationToken));
        // A later image may have taken an earlier one's name.
        return [.. images.DistinctBy(image => image.Id).Select(image => Store.FindById(image.Id) ?? image)];
    }
}
