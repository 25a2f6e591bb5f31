using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Images;

/// <summary>An archive or folder with images.</summary>
/// <param name="Path">Where skopeo finds it: decompressed, and without a colon, which skopeo takes for the end of a path.</param>
/// <param name="Images">The images, as sources to fetch them from.</param>
internal sealed record ImageArchive(string Path, IReadOnlyList<ImageSource> Images)
{
    private const int MaxIndexLength = 64 << 20;

    /// <summary>
    /// Of a docker-archive or oci-archive (compressed or not; "-" is standard input), an OCI layout's folder, or a
    /// folder of skopeo's dir: transport.
    /// </summary>
    /// <exception cref="ArchiveException">It is none of these, or can't be read.</exception>
    public static ImageArchive Open(string path, StagingFolder staging)
    {
        try
        {
            var reachable = Reachable(path, staging);
            return new ImageArchive(reachable, List(path, reachable));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TarException or CompressionException)
        {
            if (path != "-" && !System.IO.Path.Exists(path))
                throw ArchiveException.CantOpen(path, "an archive of images", e);
            throw new ArchiveException(path, null, FileErrorText.Why(e), e) { Remedy = FileErrorText.Remedy(e, staging.Path) };
        }
        catch (JsonException e)
        {
            throw new ArchiveException(path, null, $"its list of images can't be read: {e.Message}", e);
        }
    }

    private static string Reachable(string path, StagingFolder staging)
    {
        var full = System.IO.Path.GetFullPath(path);
        var reachable = staging.PathOf("archive");
        if (Directory.Exists(full) || IsPlain(path))
        {
            if (!full.Contains(':'))
                return full;
            File.CreateSymbolicLink(reachable, full);
            return reachable;
        }
        // skopeo 1.9 fails on some gzip-compressed archives ("unexpected EOF").
        using var source = path == "-" ? StandardStream.Input : OpenFile(path);
        using var plain = CompressionStreams.OpenRead(source);
        using var copy = File.Create(reachable);
        plain.CopyTo(copy);
        return reachable;
    }

    private static bool IsPlain(string path)
    {
        if (path == "-")
            return false;
        using var file = OpenFile(path);
        using var read = CompressionStreams.OpenRead(file);
        return read is not DecompressionErrorStream;
    }

    private static FileStream OpenFile(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);

    private static IReadOnlyList<ImageSource> List(string title, string path)
    {
        if (!Directory.Exists(path))
            return OfFile(title, path);
        if (File.Exists(System.IO.Path.Combine(path, "index.json")))
            return OfIndex("oci", title, path, File.ReadAllBytes(System.IO.Path.Combine(path, "index.json")));
        if (File.Exists(System.IO.Path.Combine(path, "manifest.json")))
            return [new ImageSource(title, $"dir:{path}", [])];
        throw new ArchiveException(
            title, null, "neither an OCI layout (index.json) nor a folder of skopeo's dir: transport (manifest.json)");
    }

    private static IReadOnlyList<ImageSource> OfFile(string title, string path)
    {
        using var file = OpenFile(path);
        using var reader = new TarReader(file, new TarReaderOptions { RequireEndMarker = false });
        byte[]? index = null;
        while (reader.Next() is { } entry)
        {
            // What docker save writes today is both; Docker's own list says which names are whose.
            if (entry.NameText is "manifest.json" or "./manifest.json")
                return OfDocker(title, path, Content(title, reader, entry));
            if (entry.NameText is "index.json" or "./index.json")
                index = Content(title, reader, entry);
        }
        return OfIndex("oci-archive", title, path, index
            ?? throw new ArchiveException(title, null, "has neither manifest.json (docker-archive) nor index.json (oci-archive)")
            {
                Remedy = Remedy.Create($"a root file system's tar is made an image with {new RemedyCall(RemedyCallKind.ImportImage)}"),
            });
    }

    private static byte[] Content(string title, TarReader reader, TarEntry entry)
    {
        if (entry.Size > MaxIndexLength)
            throw new ArchiveException(title, entry.NameText, $"{entry.Size} bytes are too many");
        var content = new byte[entry.Size];
        reader.Data.ReadExactly(content);
        return content;
    }

    private static IReadOnlyList<ImageSource> OfDocker(string title, string path, byte[] manifest)
    {
        var images = JsonSerializer.Deserialize(manifest, ImagesJson.Default.DockerArchiveImageArray) ?? [];
        return
        [
            .. images.Select((image, i) =>
                new ImageSource($"{title}, image {i}", $"docker-archive:{path}:@{i}", ImageSource.LocalNames(image.RepoTags ?? []))),
        ];
    }

    private static IReadOnlyList<ImageSource> OfIndex(string transport, string title, string path, byte[] index)
    {
        var manifests = JsonSerializer.Deserialize(index, ImagesJson.Default.OciIndex)?.Manifests ?? [];
        return [.. manifests.Select(manifest =>
        {
            var name = manifest.Annotations?.GetValueOrDefault("org.opencontainers.image.ref.name");
            // containerd and BuildKit put the full name here.
            var full = manifest.Annotations?.GetValueOrDefault("io.containerd.image.name") ?? name;
            // Of several, skopeo finds one by its name alone.
            var within = manifests.Count > 1 && name is not null ? ":" + name : "";
            return new ImageSource(
                $"{title}, image {name ?? manifest.Digest}",
                $"{transport}:{path}{within}",
                ImageSource.LocalNames(full is null ? [] : [full]));
        })];
    }
}
