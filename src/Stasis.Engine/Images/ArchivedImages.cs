using System.Text.Json;
using Stasis.Engine.Archive;
using Stasis.Engine.Archive.Tar;

namespace Stasis.Engine.Images;

/// <summary>Which images an archive or folder has, as sources to fetch them from.</summary>
internal static class ArchivedImages
{
    private const int LongestIndex = 64 << 20;

    /// <summary>Of an archive (docker-archive or oci-archive, compressed or not), an OCI layout's folder, or a folder of skopeo's dir: transport.</summary>
    /// <exception cref="ArchiveException">It is none of these, or can't be read.</exception>
    public static IReadOnlyList<ImageSource> Read(string path)
    {
        try
        {
            if (!Directory.Exists(path))
                return OfFile(path);
            if (File.Exists(Path.Combine(path, "index.json")))
                return OfIndex("oci", path, File.ReadAllBytes(Path.Combine(path, "index.json")));
            if (File.Exists(Path.Combine(path, "manifest.json")))
                return [new ImageSource($"dir:{path}", [])];
            throw new ArchiveException(path, null, "neither an OCI layout (index.json) nor a folder of skopeo's dir: transport (manifest.json)");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TarException or CompressionException)
        {
            throw new ArchiveException(path, null, e.Message, e);
        }
        catch (JsonException e)
        {
            throw new ArchiveException(path, null, $"its list of images can't be read: {e.Message}", e);
        }
    }

    private static IReadOnlyList<ImageSource> OfFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);
        using var plain = Compression.OpenRead(file);
        using var reader = new TarReader(plain, new TarReaderOptions { RequireEndMarker = false });
        byte[]? index = null;
        while (reader.Next() is { } entry)
        {
            // What docker save writes today is both; Docker's own list says which names are whose.
            if (entry.NameText is "manifest.json" or "./manifest.json")
                return OfDocker(path, Content(path, reader, entry));
            if (entry.NameText is "index.json" or "./index.json")
                index = Content(path, reader, entry);
        }
        return OfIndex("oci-archive", path, index ?? throw new ArchiveException(path, null, "has neither manifest.json (docker-archive) nor index.json (oci-archive)")
        {
            Remedy = "a root file system's tar is made an image with stasis import",
        });
    }

    private static byte[] Content(string path, TarReader reader, TarEntry entry)
    {
        if (entry.Size > LongestIndex)
            throw new ArchiveException(path, entry.NameText, $"{entry.Size} bytes are too many");
        var content = new byte[entry.Size];
        reader.Data.ReadExactly(content);
        return content;
    }

    private static IReadOnlyList<ImageSource> OfDocker(string path, byte[] manifest)
    {
        var images = JsonSerializer.Deserialize(manifest, ImagesJson.Default.DockerArchiveImageArray) ?? [];
        return [.. images.Select((image, i) => new ImageSource($"docker-archive:{path}:@{i}", ImageSource.LocalNames(image.RepoTags ?? [])))];
    }

    private static IReadOnlyList<ImageSource> OfIndex(string transport, string path, byte[] index)
    {
        var manifests = JsonSerializer.Deserialize(index, ImagesJson.Default.OciIndex)?.Manifests ?? [];
        // Of several, skopeo finds one by its name alone.
        return [.. manifests.Select(manifest => manifest.Annotations?.GetValueOrDefault("org.opencontainers.image.ref.name")).Zip(manifests, (name, manifest) =>
            new ImageSource(manifests.Count == 1 || name is null ? $"{transport}:{path}" : $"{transport}:{path}:{name}",
                // containerd and BuildKit put the full name here.
                ImageSource.LocalNames([manifest.Annotations?.GetValueOrDefault("io.containerd.image.name") ?? name ?? ""])))];
    }
}
