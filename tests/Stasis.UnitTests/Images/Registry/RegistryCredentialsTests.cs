using System.Text;
using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.Images.Registry;
using Xunit;

namespace Stasis.UnitTests.Images.Registry;

/// <summary>Names and passwords, from the files where skopeo and Docker leave them.</summary>
public sealed class RegistryCredentialsTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("example.com/team/app", "team")]
    [InlineData("example.com/team", "team")]
    [InlineData("example.com/other", "all")]
    [InlineData("docker.io/library/busybox", "hub")]
    [InlineData("elsewhere.com/app", null)]
    public void The_longest_scope_counts(string repository, string? user) => Assert.Equal(
        user,
        Find(
            Write(
                ("example.com", "all:x"), ("example.com/team", "team:y:z"), ("https://index.docker.io/v1/", "hub:x")),
            repository)?.User);

    [Fact]
    public void A_password_may_have_colons() =>
        Assert.Equal("y:z", Find(Write(("a.com", "me:y:z")), "a.com/b")!.Password);

    [Theory]
    [InlineData("{")]
    [InlineData("""{"auths": {"a.com": {"auth": "%%"}}}""")]
    [InlineData("""{"credHelpers": {"a.com": "../../evil"}}""")]
    public void A_file_that_is_not_right_is_refused(string content) => Assert.ThrowsAny<StasisException>(() => Find(content, "a.com/b"));

    [Fact]
    public void A_helper_that_is_not_installed_is_named()
    {
        var missing = Assert.Throws<MissingProgramException>(() => Find("""{"credsStore": "stasis-test-none"}""", "a.com/b"));

        Assert.Contains("stasis-test-none", missing.Message, StringComparison.Ordinal);
    }

    private RegistryCredentials? Find(string content, string repository)
    {
        var path = Path.Combine(_directory.Path, "auth.json");
        File.WriteAllText(path, content);
        return RegistryCredentials.FindIn(path, repository);
    }

    private static string Write(params (string Scope, string Text)[] entries) => JsonSerializer.Serialize(
        new { auths = entries.ToDictionary(entry => entry.Scope, entry => new { auth = Encode(entry.Text) }) });

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
