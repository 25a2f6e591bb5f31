using System.Text;
using System.Text.RegularExpressions;
using Stasis.EndToEndTests.Harness;
using Stasis.Engine.Formats.Tar;
using Xunit;

namespace Stasis.EndToEndTests.Vetting;

/// <summary>
/// Forged archives: each refused with its own message, with nothing made and nothing written; with its flag, if it has one, it gets past
/// that.
/// </summary>
public sealed partial class ForgedArchiveTests(ForgedArchiveTests.Source source) : IClassFixture<ForgedArchiveTests.Source>
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
            await AllowAsync(archive, forged, allow, error);
        File.Delete(archive);
    }

    // With the flag that the refusal names it gets past the policy: what may remain are CRIU's images, which are those of a plain
    // container. With a flag of another value it is refused as before.
    private async Task AllowAsync(string archive, Forged forged, string allow, string refusal)
    {
        var host = source.Host;
        Assert.Contains($"--allow {Quoted(allow)}", refusal, StringComparison.Ordinal);

        var before = Trees(host);
        var other = await host.FailAsync(
            "container",
            "restore",
            "-i",
            archive,
            "-n",
            "copy",
            "--allow",
            allow == "privileged" ? "privileged:x" : allow + "x");
        Assert.Contains(Line(forged.Says, refusal), other, StringComparison.Ordinal);
        Assert.Equal(before, Trees(host));

        // A few forgeries are more than one thing: all that have a flag are allowed.
        string[] flags =
        [
            allow,
            .. Allowed()
                .Matches(refusal)
                .Select(match => match.Groups[1].Value)
                .Where(word => word != Quoted(allow))
                .Select(word => word.Trim('\''))
        ];
        var next = await host.RunWithAsync([Stop],
            [.. (string[])["container", "restore", "-i", archive, "-n", "copy"], .. flags.SelectMany(flag => (string[])["--allow", flag])]);
        Assert.Equal(125, next.ExitCode);
        Assert.DoesNotContain(Line(forged.Says, refusal), next.Error, StringComparison.Ordinal);
        Assert.All(Findings(next.Error), finding => Assert.StartsWith("image-", finding.Rule, StringComparison.Ordinal));
    }

    /// <summary>A rule that has a flag has an archive above that needs it: a new one can't be forgotten.</summary>
    [Fact]
    public void Every_rule_with_a_flag_is_tried()
    {
        // The table is the list of rules: a unit test compares both.
        var page = Path.Combine(Environment.GetEnvironmentVariable("STASIS_REPO")!, "docs/import-policy.md");
        var rules = Rows().Matches(File.ReadAllText(page)).Select(match => match.Groups[1].Value).ToList();
        Assert.True(rules.Count > 20);
        Assert.DoesNotContain(rules,
            rule => !Corpus.All
                .Any(forged => forged.Allow == rule || forged.Allow?.StartsWith(rule + ":", StringComparison.Ordinal) == true));
    }

    [Fact]
    public async Task All_findings_are_listed_at_once_and_a_site_may_allow_them()
    {
        var host = source.Host;
        var (archive, policy) = (host.PathOf("several.tar"), host.PathOf("policy.json"));
        var forgery = new Forgery(source.Archive);
        forgery.Capability("bounding", "CAP_NET_ADMIN");
        forgery.Linux["sysctl"]!["net.core.somaxconn"] = "100";
        forgery.Linux["sysctl"]!["net.ipv4.ip_forward"] = "1";
        forgery.Write(archive);

        var error = await host.FailAsync("container", "restore", "-i", archive, "-n", "copy");
        string[] flags = ["cap:NET_ADMIN", "sysctl:net.core.somaxconn=100", "sysctl:net.ipv4.ip_forward=1"];
        Assert.EndsWith($": {string.Join(' ', flags.Select(flag => $"--allow {flag}"))}", error.TrimEnd(), StringComparison.Ordinal);

        await File.WriteAllTextAsync(policy, """{ "allow": ["sysctl:net.core.*", "sysctl:net.ipv4.ip_forward=1"] }""",
            TestContext.Current.CancellationToken);
        error = await host.FailAsync("container", "restore", "-i", archive, "-n", "copy", "--policy", policy);
        Assert.EndsWith(": --allow cap:NET_ADMIN", error.TrimEnd(), StringComparison.Ordinal);

        var verified = await host.RunAsync("archive", "verify", "--policy", policy, archive);
        Assert.Equal(1, verified.ExitCode);
        Assert.Contains("refused  cap: ", verified.Output, StringComparison.Ordinal);
        Assert.Contains("allowed  sysctl: ", verified.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await host.RunAsync("archive", "verify", "--policy", policy, "--allow", "cap:CAP_NET_ADMIN", archive)).ExitCode);
        Assert.StartsWith("Error: --allow: \"mout:/x\": there is no rule mout",
            await host.FailAsync("container", "restore", "-i", "/no/such", "--allow", "mout:/x"), StringComparison.Ordinal);

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

    /// <summary>
    /// Where a path of CRIU's images leads is seen once the root file system is mounted; that is undone. The checkpoint stays in the store,
    /// as after any restore that fails once it is there, and is vetted again when it is restored from there.
    /// </summary>
    [Theory]
    [InlineData("bin", "/proc/1/root/bin", "it leads through a symbolic link")]
    [InlineData("bin/sh", null, "it is a FIFO, and should be a regular file")]
    public async Task A_path_that_leads_elsewhere_is_refused_and_leaves_nothing(string name, string? target, string says)
    {
        var (host, archive) = (source.Host, source.Host.PathOf("path.tar"));
        var forgery = new Forgery(source.Archive);
        forgery.Rootfs(new TarEntry
        {
            Name = Encoding.UTF8.GetBytes(name),
            Type = target is null ? TarEntryType.Fifo : TarEntryType.Symlink,
            Mode = 0x1ED,
            LinkName = Encoding.UTF8.GetBytes(target ?? ""),
        });
        forgery.Write(archive);

        var result = await host.RunAsync("container", "restore", "-i", archive, "-n", "copy");

        Assert.Equal(125, result.ExitCode);
        Assert.Contains($"archive {archive} asks for more than a plain container", result.Error, StringComparison.Ordinal);
        Assert.Contains("image-path /bin/sh (checkpoint/files.img[", result.Error, StringComparison.Ordinal);
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
        Assert.Equal(125, (await host.RunAsync("container", "restore", "-i", archive, "-n", "copy")).ExitCode); // now from the store
        Assert.Empty(await host.OkAsync("ps", "-aq"));
        Assert.DoesNotContain(Trees(host), path => path.Contains("/containers/", StringComparison.Ordinal));
        Assert.DoesNotContain(host.Root, await File.ReadAllTextAsync("/proc/self/mountinfo", TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        File.Delete(archive);
    }

    // The line that tells of it: others may contain the same words.
    private static string Line(string says, string error) =>
        error.Split('\n').First(line => line.Contains(says, StringComparison.Ordinal)).Trim();

    private static List<(string Rule, string Line)> Findings(string error) =>
        [.. Finding().Matches(error).Select(match => (match.Groups[1].Value, match.Value.Trim()))];

    // As a shell's word, which the refusal makes of a value.
    private static string Quoted(string value) =>
        Plain().IsMatch(value)
            ? value
            : value.Contains('\n', StringComparison.Ordinal)
                ? $"$'{value.Replace("\n", @"\u000a", StringComparison.Ordinal)}'"
                : $"'{value.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"^  ([a-z-]+) .*\n      (?:--allow |nothing allows it)", RegexOptions.Multiline)]
    private static partial Regex Finding();

    [GeneratedRegex("^      --allow (.*)$", RegexOptions.Multiline)]
    private static partial Regex Allowed();

    [GeneratedRegex(@"\A[A-Za-z0-9_\-./:=,@%+]+\z")]
    private static partial Regex Plain();

    [GeneratedRegex(@"^\| `([a-z-]+)` \| [^|]* \| `", RegexOptions.Multiline)]
    private static partial Regex Rows();

    // All that lies there, but for the database's own files, which every command opens.
    private static List<string> Trees(StasisHost host) => [.. ((string[])[host.Root, host.RunRoot]).Where(Directory.Exists)
        .SelectMany(List)
        .Where(path => !Path.GetFileName(path).StartsWith("stasis.db", StringComparison.Ordinal))
        .Select(path => File.Exists(path) ? $"{path} {new FileInfo(path).Length}" : path).Order(StringComparer.Ordinal)];

    // Links are listed, not followed.
    private static IEnumerable<string> List(string folder) => Directory.EnumerateFileSystemEntries(folder)
        .SelectMany(path => Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null ? List(path).Prepend(path) : [path]);

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
