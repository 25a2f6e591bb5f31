using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Xunit;

namespace Stasis.IntegrationTests.Images;

/// <summary>Images in and out of everything that the real skopeo knows and that needs no network.</summary>
public sealed class TransportTests : IDisposable
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly ImageFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("plain", null)]
    [InlineData("gz", "gzip")]
    public async Task An_import_has_the_id_that_Podman_gives_it(string extension, string? program)
    {
        var tar = _fixture.MakeTar("rootfs");
        if (program is not null)
        {
            await ImageFixture.RunAsync("sh", "-c", $"{program} -c < {tar} > {tar}.{extension}");
            tar = $"{tar}.{extension}";
        }
        var image = await _fixture.Images.ImportAsync(tar, "app", null, Cancellation);
        await ImageFixture.RunAsync("skopeo", "copy", "--quiet", $"tarball:{tar}", $"dir:{_fixture.InHome("theirs")}");
        Assert.Equal(SkopeoDirImage.Read(_fixture.InHome("theirs"), "theirs").Config,
            System.Text.Encoding.UTF8.GetBytes(image.Raw.GetRawText()));
        Assert.True(File.Exists(_fixture.InHome($"theirs/{image.Id}")));
        Assert.Equal(["localhost/app:latest"], image.Names);
        Assert.Equal("content",
            await File.ReadAllTextAsync(Path.Combine(_fixture.Engine.Layout.Layer(image.Layers[0]), "rootfs"), Cancellation));
        Assert.Equal("content".Length, image.Size);
    }

    [Fact]
    public async Task A_tar_is_the_same_layer_however_it_is_compressed()
    {
        var tar = _fixture.MakeTar("rootfs");
        await ImageFixture.RunAsync("sh", "-c", $"zstd -q {tar}; gzip -k {tar}");
        var plain = await _fixture.Images.ImportAsync(tar, "app", null, Cancellation);
        foreach (var compressed in (string[])[".zst", ".gz"])
            Assert.Equal(plain.Layers, (await _fixture.Images.ImportAsync(tar + compressed, "app", null, Cancellation)).Layers);
        Assert.Single(_fixture.Layers);
    }

    [Fact]
    public async Task Standard_input_is_imported()
    {
        var tar = _fixture.MakeTar("rootfs");
        await ImageFixture.RunAsync("sh", "-c",
            $"{TestEngine.Command} --root {_fixture.Engine.Layout.Root} --runroot "
                + $"{_fixture.Engine.Layout.RunRoot} image import - app < {tar}");
        Assert.Equal("localhost/app:latest", Assert.Single(Assert.Single(_fixture.Images.List()).Names));
    }

    [Theory]
    [InlineData("dir:{0}/x", null)]
    [InlineData("oci:{0}/x:app:1", "localhost/app:1")]
    [InlineData("oci-archive:{0}/x:quay.io/team/app:1", "quay.io/team/app:1")]
    [InlineData("docker-archive:{0}/x:quay.io/team/app:1", "quay.io/team/app:1")]
    public async Task Every_transport_gives_the_same_image(string transport, string? name)
    {
        var tar = _fixture.MakeTar("rootfs");
        var place = string.Format(System.Globalization.CultureInfo.InvariantCulture, transport, _fixture.Home);
        await ImageFixture.RunAsync("skopeo", "copy", "--quiet", $"tarball:{tar}", place);
        var seen = new List<ImageProgress>();
        var image = await _fixture.Images.PullAsync(place, new Watcher(seen), Cancellation);
        Assert.Equal(name is null ? [] : [name], image.Names);
        Assert.StartsWith("sha256:", image.ManifestDigest, StringComparison.Ordinal);
        Assert.Contains(seen, step => step.What.StartsWith("layer sha256:", StringComparison.Ordinal) && step.Done == step.Total);

        var imported = await _fixture.Images.ImportAsync(tar, "imported", null, Cancellation);
        Assert.Equal(image.Id, imported.Id);
        Assert.Single(_fixture.Layers);
        foreach (var reference in (string?[])[image.Id, image.Id[..12], "sha256:" + image.Id, image.ManifestDigest, "imported",
            "localhost/imported:latest", name])
            Assert.Equal(image.Id, reference is null ? image.Id : _fixture.Images.Get(reference).Id);
    }

    [Theory]
    [InlineData("docker-archive", "")]
    [InlineData("docker-archive", "gzip")]
    [InlineData("docker-archive", "zstd")]
    [InlineData("oci-archive", "")]
    [InlineData("oci-archive", "gzip")]
    public async Task Archives_are_loaded(string transport, string program)
    {
        var archive = _fixture.InHome("archive with space:and-colon");
        await ImageFixture.RunAsync(
            "skopeo",
            "copy",
            "--quiet",
            $"tarball:{_fixture.MakeTar("rootfs")}",
            $"{transport}:{_fixture.InHome("a")}:quay.io/team/app:1");
        await ImageFixture.RunAsync("sh", "-c", $"{(program is "" ? "cat" : program + " -c")} < {_fixture.InHome("a")} > '{archive}'");
        var image = Assert.Single(await _fixture.Images.LoadAsync(archive, null, Cancellation));
        Assert.Equal(["quay.io/team/app:1"], image.Names);
        Assert.Single(_fixture.Layers);
    }

    [Fact]
    public async Task All_images_of_an_archive_are_loaded_from_standard_input()
    {
        // skopeo adds an image to an archive only while it writes one, so two are put together by hand.
        await ImageFixture.RunAsync("sh", "-ec", $$"""
            cd {{_fixture.Home}}
            skopeo copy -q tarball:{{_fixture.MakeTar("one")}} docker-archive:a.tar:quay.io/x/one:1
            skopeo copy -q tarball:{{_fixture.MakeTar("two")}} docker-archive:b.tar:quay.io/x/two:2
            mkdir both
            tar -C both -xf a.tar; mv both/manifest.json a.json
            tar -C both -xf b.tar; mv both/manifest.json b.json
            printf '%s,%s' "$(sed 's/]$//' a.json)" "$(sed 's/^\[//' b.json)" > both/manifest.json
            tar -C both -cf both.tar .
            {{TestEngine.Command}} --root {{_fixture.Engine.Layout.Root}} --runroot {{_fixture.Engine.Layout.RunRoot}} load < both.tar
            """);
        Assert.Equal(["quay.io/x/one:1", "quay.io/x/two:2"], _fixture.Images.List().SelectMany(image => image.Names).Order());
        Assert.Equal(2, _fixture.Layers.Length);
    }

    [Fact]
    public async Task A_pull_without_retag_leaves_names_where_they_are()
    {
        var first = await _fixture.Images.ImportAsync(_fixture.MakeTar("one"), "app", null, Cancellation);
        var layout = new OciLayout(_fixture.InHome("layout")).Image("app", [ImageFixture.OneFile("two", "2")]);
        var second = await _fixture.Images.PullAsync($"oci:{_fixture.InHome("layout")}:app", retag: false, null, Cancellation);
        Assert.Equal(layout.Id, second.Id);
        Assert.Empty(second.Names);
        Assert.Equal(first.Id, _fixture.Images.Get("app").Id);

        await _fixture.Images.PullAsync($"oci:{_fixture.InHome("layout")}:app", null, Cancellation);
        Assert.Equal(second.Id, _fixture.Images.Get("app").Id);
        Assert.Empty(_fixture.Images.Get(first.Id).Names);
    }

    [Fact]
    public async Task Values_of_the_configuration_are_read()
    {
        new OciLayout(_fixture.InHome("layout")).Image("app", [ImageFixture.OneFile("a", "1")], config:
            """
            "created":"2024-02-03T04:05:06.123456789Z",
            "config":{"User":"1:2","Env":["A=b"],"Entrypoint":["/e"],"Cmd":null,"Volumes":{"/data":{}},"ExposedPorts":{"80/tcp":{}},"WorkingDir":"/w","Labels":{"l":"v"},"StopSignal":"SIGINT"},
            """);
        var image = await _fixture.Images.PullAsync($"oci:{_fixture.InHome("layout")}:app", null, Cancellation);
        Assert.Equal(("1:2", "/w", "SIGINT"), (image.Config.User, image.Config.WorkingDir, image.Config.StopSignal));
        Assert.Equal(["A=b"], image.Config.Env!);
        Assert.Equal(["/e"], image.Config.Entrypoint!);
        Assert.Null(image.Config.Cmd);
        Assert.Equal(["/data"], image.Config.Volumes!);
        Assert.Equal(["80/tcp"], image.Config.ExposedPorts!);
        Assert.Equal("v", image.Config.Labels!["l"]);
        Assert.Equal(new DateTimeOffset(2024, 2, 3, 4, 5, 6, TimeSpan.Zero).AddTicks(1234567), image.Created);
    }

    [Fact]
    public async Task A_host_without_a_policy_accepts_images()
    {
        await ImageFixture.RunAsync(
            "skopeo",
            "copy",
            "--quiet",
            $"tarball:{_fixture.MakeTar("rootfs")}",
            $"oci:{_fixture.InHome("layout")}:app");
        await ImageFixture.RunAsync("unshare", "-m", "--propagation", "private", "sh", "-ec",
            $"mount -t tmpfs t /etc/containers; HOME=/nonexistent {TestEngine.Command} --root {_fixture.Engine.Layout.Root} --runroot "
                + $"{_fixture.Engine.Layout.RunRoot} pull oci:{_fixture.InHome("layout")}:app");
        Assert.NotNull(_fixture.Images.Find("app"));
    }

    [Fact]
    public async Task A_policy_that_refuses_an_image_is_quoted()
    {
        await ImageFixture.RunAsync(
            "skopeo",
            "copy",
            "--quiet",
            $"tarball:{_fixture.MakeTar("rootfs")}",
            $"oci:{_fixture.InHome("layout")}:app");
        Directory.CreateDirectory(_fixture.InHome("home/.config/containers"));
        await ImageFixture.RunAsync("sh", "-c",
            $$"""echo '{"default":[{"type":"reject"}]}' > {{_fixture.InHome("home/.config/containers/policy.json")}}""");
        var result = await _fixture.CommandAsync(["pull", $"oci:{_fixture.InHome("layout")}:app"], $"HOME={_fixture.InHome("home")}");
        Assert.Equal(125, result.ExitCode);
        Assert.Contains("Source image rejected", result.Error, StringComparison.Ordinal);
        Assert.Contains("policy.json", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_skopeo_the_error_says_what_to_install()
    {
        var result = await _fixture.CommandAsync(["pull", "oci:/layout"], "PATH=/nonexistent");
        Assert.Equal(125, result.ExitCode);
        Assert.Contains("skopeo", result.Error, StringComparison.Ordinal);
        Assert.Contains("apt-get install skopeo", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("oci:/nonexistent:x", "/nonexistent/index.json: no such file or directory")]
    [InlineData("dir:/nonexistent", "/nonexistent")]
    [InlineData("docker-archive:/nonexistent.tar", "/nonexistent.tar")]
    public async Task Missing_image_is_named(string reference, string why) =>
        Assert.Contains(why,
            (await Assert.ThrowsAnyAsync<StasisException>(() => _fixture.Images.PullAsync(reference, null, Cancellation))).Message,
                StringComparison.Ordinal);

    private sealed class Watcher(List<ImageProgress> seen) : IProgress<ImageProgress>
    {
        public void Report(ImageProgress value)
        {
            lock (seen)
                seen.Add(value);
        }
    }
}
