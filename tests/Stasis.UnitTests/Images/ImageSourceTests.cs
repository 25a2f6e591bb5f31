using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Images;
using Stasis.Engine.Storage;
using Xunit;

namespace Stasis.UnitTests.Images;

public sealed class ImageSourceTests : IDisposable
{
    private const string Two = """
        {"manifests":[
          {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:1","size":1,"annotations":{"org.opencontainers.image.ref.name":"v1"}},
          {"digest":"sha256:2","size":1,"annotations":{"org.opencontainers.image.ref.name":"v2","io.containerd.image.name":"quay.io/x/y:v2"}}]}
        """;

    private readonly TempDirectory _temp = new();
    private readonly StagingFolder _staging;

    public ImageSourceTests() => _staging = StagingFolder.Create(_temp.Layout);

    public void Dispose()
    {
        _staging.Dispose();
        _temp.Dispose();
    }

    [Theory]
    [InlineData("alpine", "docker://docker.io/library/alpine:latest", "docker.io/library/alpine:latest")]
    [InlineData("docker:24", "docker://docker.io/library/docker:24", "docker.io/library/docker:24")]
    [InlineData("docker://quay.io/a", "docker://quay.io/a:latest", "quay.io/a:latest")]
    [InlineData("oci:/layout", "oci:/layout", null)]
    [InlineData("oci:/layout:app", "oci:/layout:app", "localhost/app:latest")]
    [InlineData("oci:/layout:quay.io/app:1", "oci:/layout:quay.io/app:1", "quay.io/app:1")]
    [InlineData("dir:/folder", "dir:/folder", null)]
    [InlineData("docker-daemon:app:1", "docker-daemon:app:1", "docker.io/library/app:1")]
    [InlineData("containers-storage:localhost/app", "containers-storage:localhost/app", "localhost/app:latest")]
    [InlineData("containers-storage:[overlay@/g+/r]quay.io/app", "containers-storage:[overlay@/g+/r]quay.io/app", "quay.io/app:latest")]
    public void References_become_what_skopeo_takes_and_a_name(string reference, string forSkopeo, string? name)
    {
        var source = ImageSource.Parse(reference, _staging);
        Assert.Equal(forSkopeo, source.Reference);
        Assert.Equal(name is null ? [] : [name], source.Names);
    }

    [Fact]
    public void A_docker_archive_lists_images_with_their_names()
    {
        var path = MakeTar(
            "a.tar",
            CompressionFormat.None,
            ("x/layer.tar", "…"),
            ("manifest.json", """[{"Config":"c","RepoTags":["a:1","quay.io/b:2"]},{"RepoTags":null}]"""));
        var archive = ImageArchive.Open(path, _staging);
        Assert.Equal([$"docker-archive:{path}:@0", $"docker-archive:{path}:@1"], archive.Images.Select(image => image.Reference));
        Assert.Equal(["localhost/a:1", "quay.io/b:2"], archive.Images[0].Names);
        Assert.Empty(archive.Images[1].Names);
        Assert.Equal(["localhost/a:1", "quay.io/b:2"], ImageSource.Parse($"docker-archive:{path}:@0", _staging).Names);
        Assert.Equal(["quay.io/z:1"], ImageSource.Parse($"docker-archive:{path}:quay.io/z:1", _staging).Names);
        var error = Assert.Throws<ArchiveException>(() => ImageSource.Parse($"docker-archive:{path}", _staging));
        Assert.Contains("2 images", error.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(CompressionFormat.Gzip), InlineData(CompressionFormat.Zstd)]
    public void A_compressed_archive_is_decompressed_for_skopeo(CompressionFormat compression)
    {
        var archive = ImageArchive.Open(MakeTar("a.tar.x", compression, ("manifest.json", """[{"RepoTags":["a:1"]}]""")), _staging);
        Assert.StartsWith(_staging.Path, archive.Path, StringComparison.Ordinal);
        Assert.Equal(["localhost/a:1"], Assert.Single(ImageArchive.Open(archive.Path, _staging).Images).Names);
    }

    [Fact]
    public void A_colon_in_a_path_is_kept_from_skopeo()
    {
        var archive = ImageArchive.Open(MakeTar("a:b.tar", CompressionFormat.None, ("manifest.json", """[{"RepoTags":["a:1"]}]""")),
            _staging);
        Assert.DoesNotContain(':', archive.Path);
        Assert.True(File.Exists(archive.Path));
    }

    [Fact]
    public void An_oci_archive_lists_images_by_name()
    {
        var path = MakeTar("o.tar", CompressionFormat.None, ("blobs/sha256/x", "…"), ("index.json", Two), ("oci-layout", "{}"));
        var images = ImageArchive.Open(path, _staging).Images;
        Assert.Equal([$"oci-archive:{path}:v1", $"oci-archive:{path}:v2"], images.Select(image => image.Reference));
        Assert.Equal(["localhost/v1:latest"], images[0].Names);
        Assert.Equal(["quay.io/x/y:v2"], images[1].Names);
    }

    [Fact]
    public void An_oci_layout_of_one_image_needs_no_name()
    {
        _temp.File("index.json", """{"manifests":[{"digest":"sha256:1","size":1}]}""");
        var image = Assert.Single(ImageArchive.Open(_temp.Path, _staging).Images);
        Assert.Equal($"oci:{_temp.Path}", image.Reference);
        Assert.Empty(image.Names);
    }

    [Theory]
    [InlineData("manifest.json", "{")]
    [InlineData("manifest.json", "{}")]
    [InlineData("index.json", "[]")]
    [InlineData("index.json", """{"manifests":[{}]}""")]
    [InlineData("etc/passwd", "root")]
    public void Rubbish_is_an_error_that_names_the_archive(string entry, string content)
    {
        var path = MakeTar("r.tar", CompressionFormat.None, (entry, content));
        Assert.Contains(path, Assert.Throws<ArchiveException>(() => ImageArchive.Open(path, _staging)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_or_truncated_archive_is_an_error_that_names_it()
    {
        Assert.Equal("/none.tar", Assert.Throws<ArchiveException>(() => ImageArchive.Open("/none.tar", _staging)).Archive);
        var path = _temp.File("short.tar", new string('x', 700));
        Assert.Equal(path, Assert.Throws<ArchiveException>(() => ImageArchive.Open(path, _staging)).Archive);
    }

    private string MakeTar(string name, CompressionFormat compression, params (string Name, string Content)[] entries)
    {
        var path = Path.Combine(_temp.Path, name);
        using var file = File.Create(path);
        using var stream = CompressionStreams.OpenWrite(file, compression);
        var writer = new TarWriter(stream);
        foreach (var (entry, text) in entries)
        {
            var content = Encoding.UTF8.GetBytes(text);
            writer.WriteEntry(TarEntry.OfFile(entry, content.Length), content);
        }
        writer.Finish();
        return path;
    }
}
