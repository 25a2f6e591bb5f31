using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.ImportPolicy;

/// <summary>Forged archives: each refused with its own message, with nothing made and nothing written; with its flag, if it has one, it gets past that.</summary>
public sealed class ForgedArchiveTests(ForgedArchiveTests.Source source) : IClassFixture<ForgedArchiveTests.Source>
{
    // After all is checked, before the first thing is made.
    private const string Stop = "STASIS_FAULT=restore.inserted=error";

    public static TheoryData<string> Names => [.. Corpus.All.Select(forged => forged.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Is_refused_and_leaves_nothing(string name)
    {
        var (host, forged) = (source.Host, Corpus.All.Single(forged => forged.Name == name));
        var archive = host.PathOf($"{name}.tar");
        var forgery = new Forgery(source.Archive);
        forged.Change(forgery);
        forgery.Write(archive);
        var before = Trees(host);

        var error = await host.FailAsync("container", "restore", "-i", archive, "-n", "copy");

        Assert.Contains($"archive {archive} asks for more than a plain container", error, StringComparison.Ordinal);
        Assert.Contains(forged.Says, error, StringComparison.Ordinal);
        Assert.Equal(before, Trees(host));
        Assert.Empty(await host.OkAsync("ps", "-aq"));

        if (forged.Allow is { } allow)
        {
            var next = await host.RunWithAsync([Stop], "container", "restore", "-i", archive, "-n", "copy", "--allow", allow);

            Assert.Equal(125, next.ExitCode);
            Assert.DoesNotContain(Line(forged.Says, error), next.Error, StringComparison.Ordinal);
        }
        File.Delete(archive);
    }

    [Fact]
    public async Task All_findings_are_listed_at_once_and_a_site_may_allow_them()
    {
        var host = source.Host;
        var (archive, policy) = (host.PathOf("several.tar"), host.PathOf("policy.json"));
        var forgery = new Forgery(source.Archive);
        forgery.Capability("bounding", "CAP_NET_ADMIN");
        forgery.Mount("bind", "/srv/data", "/data", "rbind", "ro");
        forgery.Linux["sysctl"]!["net.core.somaxconn"] = "100";
        forgery.Write(archive);

        var error = await host.FailAsync("container", "restore", "-i", archive, "-n", "copy");
        string[] flags = ["mount:/srv/data:ro", "cap:NET_ADMIN", "sysctl:net.core.somaxconn=100"];
        Assert.EndsWith($": {string.Join(' ', flags.Select(flag => $"--allow {flag}"))}", error.TrimEnd(), StringComparison.Ordinal);

        await File.WriteAllTextAsync(policy, """{ "allow": ["mount:/srv/*", "sysctl:net.core.somaxconn=100"] }""", TestContext.Current.CancellationToken);
        error = await host.FailAsync("container", "restore", "-i", archive, "-n", "copy", "--policy", policy);
        Assert.EndsWith(": --allow cap:NET_ADMIN", error.TrimEnd(), StringComparison.Ordinal);

        await File.WriteAllTextAsync(policy, """{ "allows": [] }""", TestContext.Current.CancellationToken);
        error = await host.FailAsync("container", "restore", "-i", archive, "-n", "copy", "--policy", policy);
        Assert.Contains($"import policy {policy}: ", error, StringComparison.Ordinal);
        Assert.Contains("allows", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_archive_unforged_needs_nothing()
    {
        var archive = source.Host.PathOf("plain.tar");
        new Forgery(source.Archive).Write(archive);

        await source.Host.OkAsync("container", "restore", "-i", archive, "-n", "plain");
        await source.Host.OkAsync("rm", "-f", "-t", "0", "plain");
    }

    // The line that tells of it: others may contain the same words.
    private static string Line(string says, string error) => error.Split('\n').First(line => line.Contains(says, StringComparison.Ordinal)).Trim();

    // All that lies there, but for the database's own files, which every command opens.
    private static List<string> Trees(StasisHost host) => [.. ((string[])[host.Root, host.RunRoot]).Where(Directory.Exists)
        .SelectMany(root => Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories))
        .Where(path => !Path.GetFileName(path).StartsWith("stasis.db", StringComparison.Ordinal))
        .Select(path => File.Exists(path) ? $"{path} {new FileInfo(path).Length}" : path).Order(StringComparer.Ordinal)];

    /// <summary>An archive of a plain container, and a host that has its image but hasn't made it.</summary>
    public sealed class Source : IAsyncLifetime
    {
        private readonly StasisHost _maker = new();

        public StasisHost Host { get; } = new();

        public string Archive => _maker.PathOf("archive.tar");

        public async ValueTask InitializeAsync()
        {
            var image = _maker.PathOf("image.tar");
            await _maker.ImportBusyboxAsync();
            await _maker.OkAsync("save", "-o", image, "busybox");
            await Host.OkAsync("load", "-i", image);
            await _maker.OkAsync("run", "-d", "--name", "plain", "busybox", "sh", "-c", "while :; do sleep 0.1; done");
            await _maker.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, "plain");
            await _maker.OkAsync("rm", "-f", "plain");
            await Host.OkAsync("ps", "-aq"); // folders that the first command makes
        }

        public async ValueTask DisposeAsync()
        {
            await _maker.DisposeAsync();
            await Host.DisposeAsync();
        }
    }
}
