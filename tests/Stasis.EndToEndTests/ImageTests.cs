using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests;

/// <summary>Images as commands show them.</summary>
public sealed class ImageTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Imported_listed_inspected_used_and_removed()
    {
        await _host.ImportBusyboxAsync("tools:v1");
        Assert.Matches(@"localhost/tools +v1 +[0-9a-f]{12} ", await _host.OkAsync("images"));
        Assert.Equal("localhost/tools:v1", await _host.OkAsync("images", "--format", "{{.Repository}}:{{.Tag}}"));
        using var json = JsonDocument.Parse(await _host.OkAsync("image", "inspect", "tools:v1"));
        var image = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal("linux", image.GetProperty("Os").GetString());
        var id = image.GetProperty("Id").GetString()!;
        Assert.Equal("ok", await _host.OkAsync("run", "--name", "user", id[..12], "echo", "ok"));

        var used = await _host.RunAsync("rmi", "tools:v1");
        Assert.Equal(2, used.ExitCode);
        Assert.Contains("rm", used.Error, StringComparison.Ordinal);
        await _host.OkAsync("rm", "user");
        Assert.Equal($"Untagged: localhost/tools:v1\nDeleted: {id}", await _host.OkAsync("rmi", "tools:v1"));
        Assert.Equal(1, (await _host.RunAsync("rmi", "tools:v1")).ExitCode);
        Assert.Equal("", await _host.OkAsync("images", "-q"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task A_root_file_system_may_be_compressed_and_come_through_a_pipe(string compressor)
    {
        var folder = Directory.CreateDirectory(_host.PathOf("rootfs")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "file"), "content", TestContext.Current.CancellationToken);
        await ShellAsync(
            $"tar -C {folder} -c . | {compressor} | {StasisHost.Binary} --root {_host.Root} --runroot {_host.RunRoot} image import - small");
        Assert.Equal("localhost/small:latest", await _host.OkAsync("images", "--format", "{{.Repository}}:{{.Tag}}"));
    }

    [Fact]
    public async Task An_image_of_skopeos_is_loaded_and_pulled()
    {
        await _host.ImportBusyboxAsync("source");
        var tar = Directory.GetFiles(Path.GetTempPath(), $"stasis-rootfs-{Environment.ProcessId}-.tar").Single();
        // An OCI layout made by hand, with skopeo to turn it into a docker archive.
        await ShellAsync($$$"""
            set -e; cd {{{_host.Folder}}}; mkdir -p oci/blobs/sha256; cp {{{tar}}} layer
            blob() { digest=$(sha256sum "$1" | cut -d' ' -f1); size=$(stat -c %s "$1"); mv "$1" oci/blobs/sha256/$digest; }
            blob layer; layer=$digest layersize=$size
            printf '{"architecture":"amd64","os":"linux","config":{"Cmd":["echo","from-oci"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' $layer >config
            blob config; config=$digest configsize=$size
            printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%d},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:%s","size":%d}]}' $config $configsize $layer $layersize >manifest
            blob manifest
            printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%d,"annotations":{"org.opencontainers.image.ref.name":"v2"}}]}' $digest $size >oci/index.json
            echo '{"imageLayoutVersion":"1.0.0"}' >oci/oci-layout
            skopeo copy oci:oci:v2 docker-archive:docker.tar:example.com/app:v2 >/dev/null
            """);
        Assert.Equal("Loaded image: example.com/app:v2", await _host.OkAsync("load", "-i", _host.PathOf("docker.tar")));
        Assert.Equal("from-oci", await _host.OkAsync("run", "--rm", "example.com/app:v2"));
        await _host.OkAsync("rmi", "example.com/app:v2");
        Assert.Matches("^[0-9a-f]{64}$", await _host.OkAsync("pull", $"oci:{_host.PathOf("oci")}:v2"));
    }

    [Fact]
    public async Task File_that_is_no_archive_is_refused_by_name()
    {
        var file = _host.PathOf("rubbish");
        await File.WriteAllTextAsync(file, new string('x', 5000), TestContext.Current.CancellationToken);
        Assert.Contains(file, await _host.FailAsync("image", "import", file, "x"), StringComparison.Ordinal);
        Assert.Contains("missing", await _host.FailAsync("image", "import", _host.PathOf("missing"), "x"), StringComparison.Ordinal);
        Assert.Equal("", await _host.OkAsync("images", "-q"));
    }

    private static async Task ShellAsync(string script)
    {
        var result = await Spawn.RunAsync(new SpawnOptions { Program = "sh", Arguments = ["-c", script] }, StasisHost.TimeLimit,
            TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.Error);
    }
}
