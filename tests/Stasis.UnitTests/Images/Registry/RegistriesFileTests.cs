using Stasis.Engine.Errors;
using Stasis.Engine.Images.Registry;
using Xunit;

namespace Stasis.UnitTests.Images.Registry;

/// <summary>What registries.conf says of how a registry is spoken to.</summary>
public sealed class RegistriesFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Entries_are_read_and_everything_else_is_left_to_skopeo()
    {
        var entries = Read("""
            unqualified-search-registries = ["docker.io"]
            short-name-mode = "enforcing"

            [[registry]]
            location = "127.0.0.1:5000"
            insecure = true

            [[registry]]
            prefix = "example.com/foo"
            location = "internal.example.com/bar"
            [[registry.mirror]]
            location = "mirror.example.com"

            [aliases]
            "busybox" = "docker.io/library/busybox"
            """);

        Assert.Collection(
            entries,
            entry => Assert.Equal(("127.0.0.1:5000", true, true), (entry.Location, entry.Insecure, entry.IsDirect)),
            entry => Assert.Equal(("example.com/foo", false, false), (entry.Prefix, entry.Insecure, entry.IsDirect)));
    }

    [Theory]
    [InlineData("location = \"example.com\"", true)]
    [InlineData("prefix = \"example.com\"", true)]
    [InlineData("prefix = \"example.com\"\nlocation = \"example.com\"", true)]
    [InlineData("prefix = \"example.com\"\nlocation = \"other.example.com\"", false)]
    [InlineData("location = \"example.com\"\nblocked = true", false)]
    public void A_registry_is_asked_itself_unless_the_file_names_another(string entry, bool isDirect) =>
        Assert.Equal(isDirect, Assert.Single(Read("[[registry]]\n" + entry)).IsDirect);

    // containers-registries.conf(5), "NAMESPACED [[registry]] SETTINGS".
    [Theory]
    [InlineData("example.com", "example.com/a/b", true)]
    [InlineData("example.com/a", "example.com/a/b", true)]
    [InlineData("example.com/a/b", "example.com/a/b", true)]
    [InlineData("example.com/a", "example.com/ab", false)]
    [InlineData("example.com", "example.com:5000/a", true)]
    [InlineData("example.com:5000", "example.com/a", false)]
    [InlineData("*.example.com", "sub.example.com:5000/a", true)]
    [InlineData("*.example.com", "sub.example.com/a", true)]
    [InlineData("*.example.com", "example.com/a", false)]
    public void A_prefix_matches_whole_parts_of_a_name(string prefix, string repository, bool matches) =>
        Assert.Equal(matches, new RegistryEntry { Prefix = prefix }.Match(repository) > 0);

    [Fact]
    public void A_file_that_is_not_TOML_is_named()
    {
        var refused = Assert.Throws<StasisException>(() => Read("[[registry]\nlocation="));

        Assert.Contains(_directory.Path, refused.Message, StringComparison.Ordinal);
    }

    private List<RegistryEntry> Read(string content)
    {
        var path = Path.Combine(_directory.Path, "registries.conf");
        File.WriteAllText(path, content);
        return RegistriesFile.Read(path);
    }
}
