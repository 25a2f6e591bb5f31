namespace Stasis.Engine.Images;

/// <summary>Images and their unpacked layers.</summary>
public sealed class ImageManager
{
    internal ImageManager(StasisEngine engine) => _ = engine;

    /// <summary>All images, newest first.</summary>
    public IReadOnlyList<Image> List() => throw new NotImplementedException();

    /// <summary>By full name, short name (tag latest; localhost/ or docker.io/library/ assumed in that order), ID, unique ID prefix, or digest. Null if there is none.</summary>
    public Image? Find(string reference) => throw new NotImplementedException(reference);

    /// <summary>As <see cref="Find"/>.</summary>
    /// <exception cref="NotFoundException">There is none; the remedy names pull and import.</exception>
    public Image Get(string reference) => throw new NotImplementedException(reference);

    /// <summary>Makes an image of one layer out of a root file system's tar (plain, gzip or zstd; "-" is standard input).</summary>
    public Task<Image> ImportAsync(string tar, string name, IProgress<ImageProgress>? progress, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Loads docker-archive or oci-archive files and oci directories, as <c>podman load</c>.</summary>
    public Task<IReadOnlyList<Image>> LoadAsync(string path, IProgress<ImageProgress>? progress, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Fetches an image through skopeo: a name for a registry, or any transport that skopeo knows.</summary>
    public Task<Image> PullAsync(string reference, IProgress<ImageProgress>? progress, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Removes a name, and the image with its unshared layers when that was the last name (or it was given by ID).</summary>
    /// <exception cref="InUseException">A container uses it, and not <paramref name="force"/>.</exception>
    public Task RemoveAsync(string reference, bool force, CancellationToken cancellation) => throw new NotImplementedException();
}

/// <summary>How far a pull, load or import has come.</summary>
/// <param name="What">E.g. "layer sha256:1234…".</param>
/// <param name="Done">Bytes done.</param>
/// <param name="Total">Bytes in all, or null if not known.</param>
public readonly record struct ImageProgress(string What, long Done, long? Total);
