using CsCheck;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Xunit;

namespace Stasis.UnitTests.Images;

public sealed class ImageNameTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("counter", "localhost/counter:latest", "docker.io/library/counter:latest")]
    [InlineData("counter:v1", "localhost/counter:v1", "docker.io/library/counter:v1")]
    [InlineData("team/counter", "localhost/team/counter:latest", "docker.io/team/counter:latest")]
    [InlineData("localhost/counter", "localhost/counter:latest", "localhost/counter:latest")]
    [InlineData("localhost:5000/counter:v1", "localhost:5000/counter:v1", "localhost:5000/counter:v1")]
    [InlineData("quay.io/a/b/c", "quay.io/a/b/c:latest", "quay.io/a/b/c:latest")]
    [InlineData("docker.io/alpine", "docker.io/library/alpine:latest", "docker.io/library/alpine:latest")]
    [InlineData("index.docker.io/alpine", "docker.io/library/alpine:latest", "docker.io/library/alpine:latest")]
    [InlineData("docker.io/team/alpine", "docker.io/team/alpine:latest", "docker.io/team/alpine:latest")]
    [InlineData("docker:latest", "localhost/docker:latest", "docker.io/library/docker:latest")]
    [InlineData("[::1]:5000/a", "[::1]:5000/a:latest", "[::1]:5000/a:latest")]
    [InlineData("a@" + Digest, "localhost/a@" + Digest, "docker.io/library/a@" + Digest)]
    [InlineData("quay.io/a:v1@" + Digest, "quay.io/a@" + Digest, "quay.io/a@" + Digest)]
    public void Names_are_completed_as_Podman_does(string text, string local, string registry)
    {
        var name = ImageName.Parse(text);
        Assert.Equal(local, name.Local().ToString());
        Assert.Equal(registry, name.Registry().ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("a/Upper")]
    [InlineData("UPPER/a")]
    [InlineData("-a")]
    [InlineData("a//b")]
    [InlineData("a:")]
    [InlineData("a:b:c")]
    [InlineData("a@sha256:1234")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("../a")]
    [InlineData("/a")]
    [InlineData("a___b")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void Text_that_is_no_name_is_refused(string text)
    {
        Assert.Null(ImageName.TryParse(text));
        var error = Assert.Throws<StasisException>(() => ImageName.Parse(text));
        Assert.Contains($"\"{text}\"", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public void A_full_name_stays_itself() =>
        Gen.Char["abz09.-_/:@ABé "].Array[1, 30].Select(chars => new string(chars)).Sample(text =>
        {
            if (ImageName.TryParse(text) is { } name)
                Assert.Equal(name.Local().ToString(), ImageName.Parse(name.Local().ToString()).Registry().ToString());
        }, iter: 20_000);

    [Fact]
    public void A_short_name_means_what_is_here_before_the_registry()
    {
        Assert.Equal(["localhost/a:1", "docker.io/library/a:1"], ImageName.Parse("a:1").Candidates());
        Assert.Equal(["quay.io/a:latest"], ImageName.Parse("quay.io/a").Candidates());
    }
}
