using Stasis.Engine.Storage;

namespace Stasis.Engine.Images;

public sealed partial class ImageManager
{
    /// <summary>
    /// Loads all images of a docker-archive or oci-archive (compressed or not; "-" is standard input), of an OCI layout's folder, or of a folder of skopeo's dir:
    /// transport, as <c>podman load</c>. They get the names that they have there.
    /// </summary>
    /// <exception cref="ArchiveException">It is none of these. Nothing was changed.</exception>
    public async Task<IReadOnlyList<Image>> LoadAsync(string path, IProgress<ImageProgress>? progress, CancellationToken cancellation)
    {
        using var staging = StagingFolder.Create(_engine.Layout);
        var sources = ArchivedImages.Read(await ReachableAsync(path, staging, cancellation));
        if (sources.Count == 0)
            throw new ArchiveException(path, null, "has no image");
        var images = new List<Image>();
        foreach (var source in sources)
            images.Add(await FetchAsync(source, staging, retag: true, progress, cancellation));
        // A later image may have taken an earlier one's name.
        return [.. images.DistinctBy(image => image.Id).Select(image => Store.FindById(image.Id) ?? image)];
    }

    /// <summary>A path that skopeo can be given: it takes what follows a colon for a name.</summary>
    private static async Task<string> ReachableAsync(string path, StagingFolder staging, CancellationToken cancellation)
    {
        var reachable = Path.Combine(staging.Path, "archive");
        if (path == "-")
        {
            await using var input = Console.OpenStandardInput();
            await using var copy = File.Create(reachable);
            await input.CopyToAsync(copy, cancellation);
            return reachable;
        }
        if (!Path.Exists(path))
            throw new ArchiveException(path, null, "no such file or folder");
        if (!Path.GetFullPath(path).Contains(':'))
            return Path.GetFullPath(path);
        File.CreateSymbolicLink(reachable, Path.GetFullPath(path));
        return reachable;
    }
}
