using System.Text;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Images;

public sealed class SkopeoDirImageTests : IDisposable
{
    private static readonly string Digest = "sha256:" + new string('a', 64);
    private static readonly string OneLayer = $$"""{"rootfs":{"diff_ids":["{{Digest}}"] } }""";
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void An_image_is_read_with_its_digests()
    {
        var staged = Stage(OneLayer, $$"""[{"digest":"{{Digest}}","size":5}]""");
        Assert.Equal([Digest], staged.DiffIds);
        Assert.Equal(Digests.Compute(File.ReadAllBytes(Path.Combine(_temp.Path, "manifest.json"))), staged.ManifestDigest);
        Assert.Equal(Path.Combine(_temp.Path, new string('a', 64)), staged.Blob(staged.Manifest.Layers![0]));
    }

    [Theory]
    [InlineData("""{"rootfs":{"diff_ids":[]}}""", "1 layers, its configuration 0")]
    [InlineData("""{}""", "no root file system")]
    [InlineData("""[]""", "can't be read")]
    [InlineData("""{"rootfs":{"diff_ids":["sha256:../../etc/passwd"]}}""", "not a sha256 digest")]
    public void A_configuration_that_does_not_fit_is_refused(string config, string why) =>
        Assert.Contains(why, Assert.Throws<StasisException>(() => Stage(config, $$"""[{"digest":"{{Digest}}","size":5}]""")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_layer_s_digest_can_t_lead_out() =>
        Assert.Contains("not a sha256 digest", Assert.Throws<StasisException>(() =>
            Stage(OneLayer, """[{"digest":"sha256:../../../etc/shadow","size":5}]""")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_damaged_configuration_is_refused_with_both_digests()
    {
        Stage(OneLayer, $$"""[{"digest":"{{Digest}}","size":5}]""");
        var config = Directory.EnumerateFiles(_temp.Path).Single(file => Path.GetFileName(file).Length == 64);
        File.AppendAllText(config, " ");
        var error = Assert.Throws<StasisException>(() => SkopeoDirImage.Read(_temp.Path, "x"));
        Assert.Contains(Path.GetFileName(config), error.Message, StringComparison.Ordinal);
        Assert.Contains(Digests.Compute(File.ReadAllBytes(config)), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"schemaVersion":1,"fsLayers":[]}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[]}""")]
    public void Other_manifests_are_refused(string manifest)
    {
        _temp.File("manifest.json", manifest);
        Assert.Contains("schema 2", Assert.Throws<StasisException>(() => SkopeoDirImage.Read(_temp.Path, "x")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_import_s_configuration_is_byte_for_byte_that_of_the_tarball_transport() =>
        Assert.Equal(
            $$"""{"created":"2026-11-24T04:30:35.4597547Z","architecture":"{{(System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64 ? "amd64" : "arm64")}}","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["{{Digest}}"]},"history":[{"created":"2026-11-24T04:30:35.4597547Z","created_by":"/bin/sh -c #(nop) ADD file:{{Digest[7..]}} in /","comment":"imported from tarball"}]}""",
            Encoding.UTF8.GetString(OneLayerConfig.OfImported(Digest, 1795494635, 459754700)));

    [Fact]
    public void Chain_ids_are_as_the_spec_says()
    {
        Assert.Equal(Digest, Digests.Chain(null, Digest));
        Assert.Equal(Digests.Compute(Encoding.ASCII.GetBytes($"{Digest} {Digest}")), Digests.Chain(Digest, Digest));
    }

    [Theory]
    [InlineData("time=\"x\" level=warning msg=\"w\"\ntime=\"x\" level=fatal msg=\"Get \\\"https://h/v2/\\\": refused\"\n",
        "Get \"https://h/v2/\": refused")]
    [InlineData("something else\n", "something else")]
    [InlineData("", "ended with exit code 3")]
    public void Error_of_skopeo_is_quoted(string error, string message) =>
        Assert.Equal(message, Skopeo.Message(new ProgramResult(3, "", error)));

    [Theory]
    [InlineData("dial tcp: lookup registry-1.docker.io: no such host", "the registry can't be reached")]
    [InlineData("dial tcp 10.0.0.1:443: connect: connection refused", "the registry can't be reached")]
    [InlineData("unauthorized: authentication required", "log in to the registry")]
    [InlineData("reading manifest nope in docker.io/library/busybox: manifest unknown", "check name and tag")]
    [InlineData("write /staging/x: no space left on device", "df -h /staging")]
    public void Error_of_skopeo_has_a_remedy(string error, string remedy) =>
        Assert.Contains(remedy, Skopeo.Remedy(error, "/staging"), StringComparison.Ordinal);

    private SkopeoDirImage Stage(string config, string layers)
    {
        var digest = Digests.Compute(Encoding.UTF8.GetBytes(config));
        _temp.File(Digests.Hex(digest), config);
        _temp.File("manifest.json", $$"""{"schemaVersion":2,"config":{"digest":"{{digest}}","size":1},"layers":{{layers}}}""");
        return SkopeoDirImage.Read(_temp.Path, "x");
    }
}
