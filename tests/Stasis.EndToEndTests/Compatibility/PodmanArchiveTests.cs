using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Compatibility;

/// <summary>Archives of Podman that were made elsewhere: nothing in them is taken for an attack.</summary>
public sealed class PodmanArchiveTests : IAsyncDisposable
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Compatibility/PodmanArchives");

    private static readonly string[] Allowed = ["registry:localhost/corpus/counter", "network:corpusnet", "port:127.0.0.1:18777"];

    private readonly StasisHost _host = new();

    /// <summary>The archives' names.</summary>
    public static TheoryData<string> Archives => [.. Directory.EnumerateFiles(Folder, "*.tar.*").Select(file => Path.GetFileName(file))];

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(Archives))]
    public async Task Nothing_in_an_archive_of_Podman_is_refused(string archive)
    {
        // What is a site's to give away: where the image is fetched from, its network, its port.
        string[] allowed = [.. Allowed.SelectMany(value => (string[])["--allow", value])];

        var verified = await _host.RunAsync(["archive", "verify", .. allowed, Path.Combine(Folder, archive)]);

        Assert.True(verified.ExitCode == 0, verified.Error + verified.Output);
        Assert.DoesNotContain("refused", verified.Output, StringComparison.Ordinal);
    }
}
