using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Engine.Images.Layers;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.IntegrationTests.Images;

/// <summary>Damage, crashes, many processes at once, and removal.</summary>
public sealed class ImageSafetyTests : IDisposable
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly ImageFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_damaged_blob_is_refused_with_its_digest()
    {
        var layer = ImageFixture.OneFile("a", "content");
        var layout = new OciLayout(_fixture.InHome("layout")).Image("app", [ImageFixture.OneFile("low", "l"), layer]);
        await Damage(layout.BlobPath(Digests.Compute(layer)));
        await AssertRefusedAsync($"oci:{_fixture.InHome("layout")}:app", Digests.Compute(layer));
    }

    [Fact]
    public async Task A_layer_that_is_not_what_the_configuration_says_is_refused()
    {
        var layer = ImageFixture.OneFile("a", "content");
        var wrong = Digests.Compute("other"u8);
        new OciLayout(_fixture.InHome("layout")).Image("app", [layer], [wrong]);
        await AssertRefusedAsync($"oci:{_fixture.InHome("layout")}:app", Digests.Compute(layer));
    }

    [Theory]
    [InlineData(0)] // the first header
    [InlineData(520)] // the file's content
    [InlineData(-1)] // after the end of the archive
    public async Task Damage_after_skopeo_s_look_is_found_too(int where)
    {
        var layer = ImageFixture.OneFile("a", "content");
        var blob = _fixture.InHome("blob");
        layer[where < 0 ? layer.Length - 1 : where] ^= 1;
        await using (var file = File.Create(blob))
            file.Write(layer);
        layer[where < 0 ? layer.Length - 1 : where] ^= 1;
        Directory.CreateDirectory(_fixture.InHome("layer"));
        await using var damaged = File.OpenRead(blob);
        var error =
            Assert.Throws<StasisException>(() => LayerUnpack.Verified(
                damaged,
                Digests.Compute(layer),
                Digests.Compute(layer),
                _fixture.InHome("layer"),
                limits: null,
                progress: null,
                Cancellation));
        Assert.Contains(Digests.Compute(layer), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../climbs")]
    [InlineData("a/../../climbs")]
    public async Task A_layer_can_t_lead_out(string name)
    {
        new OciLayout(_fixture.InHome("layout")).Image("evil", [ImageFixture.OneFile(name, "x")]);
        await AssertRefusedAsync($"oci:{_fixture.InHome("layout")}:evil", "climbs");
    }

    [Fact]
    public async Task File_that_is_no_tar_is_refused()
    {
        await using (var file = File.Create(_fixture.InHome("rubbish")))
            file.Write(Enumerable.Repeat((byte)120, 2000).ToArray());
        var error =
            await Assert.ThrowsAsync<ArchiveException>(() => _fixture.Images.ImportAsync(
                _fixture.InHome("rubbish"),
                "app",
                null,
                Cancellation));
        Assert.Equal(_fixture.InHome("rubbish"), error.Archive);
        await Assert.ThrowsAsync<ArchiveException>(() => _fixture.Images.ImportAsync("/nonexistent", "app", null, Cancellation));
        await Assert.ThrowsAsync<ArchiveException>(() => _fixture.Images.ImportAsync("/", "app", null, Cancellation));
        Assert.Empty(_fixture.Images.List());
        Assert.Empty(_fixture.Layers);
    }

    [Fact]
    public async Task Eight_processes_fetch_one_image_at_once()
    {
        var layers = Enumerable.Range(0, 4).Select(i => ImageFixture.OneFile($"f{i}", new string('x', 200_000 + i))).ToList();
        var layout = new OciLayout(_fixture.InHome("layout")).Image("app", layers);
        var results =
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _fixture.CommandAsync(["pull", $"oci:{_fixture.InHome("layout")}:app"])));
        Assert.All(results, result => Assert.Equal((0, ""), (result.ExitCode, result.Error)));
        Assert.Equal(layout.Id, Assert.Single(_fixture.Images.List()).Id);
        Assert.Equal(4, _fixture.Layers.Length);
        Assert.Equal(800_006, _fixture.Images.Get("app").Size);
    }

    [Fact]
    public async Task Eight_processes_import_one_tar_at_once()
    {
        var tar = _fixture.MakeTar("rootfs", new string('x', 500_000));
        var results =
            await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _fixture.CommandAsync(["image", "import", tar, $"app:{i % 2}"])));
        Assert.All(results, result => Assert.Equal((0, ""), (result.ExitCode, result.Error)));
        Assert.Equal(["localhost/app:0", "localhost/app:1"], Assert.Single(_fixture.Images.List()).Names);
        Assert.Single(_fixture.Layers);
    }

    [Theory]
    [InlineData("image.unpacked", 0)]
    [InlineData("image.layers", 1)]
    public async Task A_kill_leaves_nothing_that_the_next_command_does_not_put_right(string point, int layers)
    {
        var tar = _fixture.MakeTar("rootfs");
        Assert.Equal(137, (await _fixture.CommandAsync(["image", "import", tar, "app"], $"STASIS_FAULT={point}=kill")).ExitCode);
        Assert.Empty(_fixture.Images.List());
        Assert.NotEmpty(_fixture.Staged);
        Assert.Equal(layers, _fixture.Layers.Length);

        var image = await _fixture.Images.ImportAsync(tar, "app", null, Cancellation);
        Assert.Empty(_fixture.Staged);
        Assert.Equal("content".Length, image.Size);
        Assert.Single(_fixture.Layers);
    }

    [Fact]
    public async Task A_layer_that_a_crash_left_goes_with_the_next_removal()
    {
        await _fixture.CommandAsync(["image", "import", _fixture.MakeTar("left"), "left"], "STASIS_FAULT=image.layers=kill");
        await _fixture.Images.ImportAsync(_fixture.MakeTar("rootfs"), "app", null, Cancellation);
        Assert.Equal(2, _fixture.Layers.Length);
        await _fixture.Images.RemoveAsync("app", force: false, Cancellation);
        Assert.Empty(_fixture.Layers);
    }

    [Fact]
    public async Task A_cancelled_import_leaves_nothing()
    {
        using var source = new CancellationTokenSource();
        var tar = _fixture.MakeTar("rootfs", new string('x', 5_000_000));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _fixture.Images.ImportAsync(
            tar,
            "app",
            new CancelAtOnce(source),
            source.Token));
        Assert.Empty(_fixture.Images.List());
        Assert.Empty(_fixture.Staged);
        Assert.Empty(_fixture.Layers);
    }

    [Fact]
    public async Task The_last_name_takes_image_and_unshared_layers_along()
    {
        var shared = ImageFixture.OneFile("shared", "s");
        new OciLayout(_fixture.InHome("one")).Image("one", [shared, ImageFixture.OneFile("one", "1")]);
        new OciLayout(_fixture.InHome("two")).Image("two", [shared, ImageFixture.OneFile("two", "2")]);
        var one = await _fixture.Images.PullAsync($"oci:{_fixture.InHome("one")}:one", null, Cancellation);
        var two = await _fixture.Images.PullAsync($"oci:{_fixture.InHome("two")}:two", null, Cancellation);

        await _fixture.Images.RemoveAsync("one", force: false, Cancellation);
        Assert.Null(_fixture.Images.Find(one.Id));
        Assert.Equal(two.Layers.Select(_fixture.Engine.Layout.Layer).Order(), _fixture.Layers.Order());
        await _fixture.Images.RemoveAsync(two.Id[..10], force: false, Cancellation);
        Assert.Empty(_fixture.Layers);
        var error = await Assert.ThrowsAsync<NotFoundException>(() => _fixture.Images.RemoveAsync("two", force: false, Cancellation));
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public async Task Of_several_names_one_goes_and_the_image_stays()
    {
        var tar = _fixture.MakeTar("rootfs");
        await _fixture.Images.ImportAsync(tar, "one", null, Cancellation);
        var image = await _fixture.Images.ImportAsync(tar, "quay.io/x/two:2", null, Cancellation);
        Assert.Equal(2, image.Names.Count);
        await _fixture.Images.RemoveAsync("two:2", force: false, Cancellation);
        Assert.Equal(["localhost/one:latest"], _fixture.Images.Get(image.Id).Names);
        await _fixture.Images.ImportAsync(tar, "two", null, Cancellation);
        await _fixture.Images.RemoveAsync(image.Id, force: false, Cancellation);
        Assert.Empty(_fixture.Images.List());
    }

    [Fact]
    public async Task An_image_in_use_stays_and_forced_its_layers_do()
    {
        var image = await _fixture.Images.ImportAsync(_fixture.MakeTar("rootfs"), "app", null, Cancellation);
        Insert(image);
        var error = await Assert.ThrowsAsync<InUseException>(() => _fixture.Images.RemoveAsync("app", force: false, Cancellation));
        Assert.Contains("user-of-it", error.Message, StringComparison.Ordinal);
        Assert.NotNull(_fixture.Images.Find("app"));

        await _fixture.Images.RemoveAsync("app", force: true, Cancellation);
        Assert.Null(_fixture.Images.Find("app"));
        Assert.Single(_fixture.Layers);
        _fixture.Engine.ContainerStore.Delete(new string('c', 64));
        var other = await _fixture.Images.ImportAsync(_fixture.MakeTar("other"), "other", null, Cancellation);
        await _fixture.Images.RemoveAsync(other.Id, force: false, Cancellation);
        Assert.Empty(_fixture.Layers);
    }

    [Fact]
    public async Task A_layer_somebody_counts_on_is_not_removed()
    {
        var image = await _fixture.Images.ImportAsync(_fixture.MakeTar("rootfs"), "app", null, Cancellation);
        using (await FileLock.AcquireAsync(_fixture.Engine.Layout.LayerLock(image.Layers[0]), shared: true, Cancellation))
            await _fixture.Images.RemoveAsync("app", force: false, Cancellation);
        Assert.Single(_fixture.Layers);
        Assert.Equal(image.Size, (await _fixture.Images.ImportAsync(_fixture.InHome("rootfs"), "app", null, Cancellation)).Size);
    }

    private void Insert(Image image)
    {
        var config = new ContainerConfig { Id = new string('c', 64), Name = "user-of-it", RootfsImageId = image.Id };
        _fixture.Engine.ContainerStore.Insert(new Container(config, new OciSpec(), new ContainerState()) { Layers = image.Layers });
    }

    private async Task AssertRefusedAsync(string reference, string why)
    {
        var error = await Assert.ThrowsAnyAsync<StasisException>(() => _fixture.Images.PullAsync(reference, null, Cancellation));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Images.List());
        Assert.Empty(_fixture.Layers);
        Assert.Empty(_fixture.Staged);
    }

    private static async Task Damage(string path)
    {
        await using var file = File.Open(path, FileMode.Open);
        file.Position = 520;
        file.WriteByte((byte)'!');
    }

    private sealed class CancelAtOnce(CancellationTokenSource source) : IProgress<ImageProgress>
    {
        public void Report(ImageProgress value) => source.Cancel();
    }
}
