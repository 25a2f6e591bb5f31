using System.Text.Json.Nodes;
using Xunit;

namespace Stasis.EndToEndTests.Vetting;

/// <summary>
/// Archives that were made to keep a host busy are refused by their own message, in ten seconds of processor time and 300 MiB; and text of
/// an archive doesn't control a terminal.
/// </summary>
public sealed class BoundsTests(ForgedArchiveTests.Source source) : IClassFixture<ForgedArchiveTests.Source>
{
    private static readonly Dictionary<string, (Action<Forgery> Change, string Says)> Bombs = new()
    {
        ["capabilities"] = (
            f => f.Process["capabilities"]!["bounding"] = Each(700_000, i => $"C{i:000000}"),
            "entry spec.dump: process.capabilities.bounding has more than 200 entries"),
        ["mounts"] = (
            f => f.Spec["mounts"] = Each(90_000, i => new JsonObject { ["destination"] = $"/a/{i}", ["type"] = "tmpfs" }),
            "entry spec.dump: mounts has more than 4000 entries"),
        ["device rules"] = (
            f => f.Linux["resources"]!["devices"] = Each(200_000, i => Device(i)),
            "entry spec.dump: linux.resources.devices has more than 10000 entries"),
        ["device rules within the limit"] = (
            f => f.Linux["resources"]!["devices"] = Each(9_999, i => Device(i)),
            "and 1951 more, which archive verify --format json lists"),
        ["seccomp"] = (
            f => f.Linux["seccomp"]!["syscalls"]!.AsArray().Add(
                new JsonObject { ["action"] = "SCMP_ACT_ALLOW", ["names"] = Each(1_000_000, i => $"n{i}") }),
            "linux.seccomp.syscalls[].names has more than 2000 entries"),
        ["ports"] = (
            f => f.Config["newPortMappings"] = Each(
                2000, _ => new JsonObject { ["container_port"] = 1, ["host_port"] = 1, ["range"] = 65000, ["protocol"] = "tcp" }),
            "port 2000 ranges (config.dump: newPortMappings): more than 196608 ports"),
        ["labels"] = (
            f => f.Config["labels"] = new JsonObject(Enumerable.Range(0, 700_000).Select(i => KeyValuePair.Create($"{i}", (JsonNode?)""))),
            "entry config.dump: labels has more than 10000 entries"),
        ["a name"] = (
            f => f.Config["RawImageName"] = new string('x', 100_000),
            "entry config.dump: RawImageName has a string of 100000 bytes"),
    };

    public static TheoryData<string> Names => [.. Bombs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_bomb_is_refused_in_bounded_time_and_memory(string name)
    {
        var (host, archive) = (source.Host, source.Host.PathOf("bomb.tar"));
        var forgery = new Forgery(source.Archive);
        Bombs[name].Change(forgery);
        forgery.Write(archive);

        var result = await host.ShellAsync(
            $"export DOTNET_GCHeapHardLimit={300 << 20:x}; ulimit -t 10; exec {host.Line} restore -i {archive} -n bomb");

        Assert.Equal(125, result.ExitCode);
        Assert.Contains($"archive {archive}", result.Error, StringComparison.Ordinal);
        Assert.Contains(Bombs[name].Says, result.Error, StringComparison.Ordinal);
        Assert.InRange(result.Error.Length, 1, 50_000);
        File.Delete(archive);
    }

    [Fact]
    public async Task Text_of_an_archive_does_not_control_a_terminal()
    {
        var (host, archive) = (source.Host, source.Host.PathOf("words.tar"));
        var forgery = new Forgery(source.Archive);
        forgery.Config["command"] = Forgery.Texts("evil\u001b]0;title\u0007\u202e", "\u009b2J");
        forgery.Config["labels"] = new JsonObject { ["a\u001b[2Jb"] = "\u202ec" };
        forgery.Write(archive);
        await host.OkAsync("restore", "-i", archive, "-n", "words");

        foreach (var command in (string[])["ps -a --no-trunc", "ps -a --format '{{.Command}} {{.Labels}}'", "inspect words"])
        {
            var screen = (await host.ShellAsync($"script -qec \"{host.Line} {command}\" /dev/null </dev/null")).Output;
            Assert.Contains("evil", screen, StringComparison.Ordinal);
            Assert.DoesNotContain(screen, c => c is '\u001b' or '\u0007' or '\u202e' or '\u009b');
        }
        // A program gets it as it is.
        Assert.Contains("\u202ec", await host.OkAsync("ps", "-a", "--format", "{{.Labels}}"), StringComparison.Ordinal);
        await host.OkAsync("rm", "-f", "-t", "0", "words");
    }

    [Fact]
    public async Task A_log_shows_colours_and_nothing_else_that_controls_a_terminal()
    {
        var host = source.Host;
        await host.OkAsync("run", "--name", "log", "busybox", "printf", @"\033[31mred\033[0m \033]0;title\007\n");

        var screen = (await host.ShellAsync($"script -qec '{host.Line} logs log' /dev/null </dev/null")).Output;

        Assert.Contains("\u001b[31mred\u001b[0m", screen, StringComparison.Ordinal);
        Assert.Contains(@"\u001b]0;title\u0007", screen, StringComparison.Ordinal);
        Assert.Equal("\u001b[31mred\u001b[0m \u001b]0;title\u0007", await host.OkAsync("logs", "log"));
        await host.OkAsync("rm", "log");
    }

    [Fact]
    public async Task A_name_that_reads_as_an_ID_is_refused_and_another_can_be_given()
    {
        var (host, archive) = (source.Host, source.Host.PathOf("id.tar"));
        var forgery = new Forgery(source.Archive);
        var victim = await host.OkAsync("create", "--name", "victim", "busybox", "true");
        forgery.Config["name"] = victim[..8];
        forgery.Write(archive);

        var error = await host.FailAsync("restore", "-i", archive);

        Assert.Contains($"name {victim[..8]} (config.dump: name)", error, StringComparison.Ordinal);
        await host.OkAsync("restore", "-i", archive, "-n", "other");
        Assert.Equal(victim, await host.InspectAsync(victim[..8], "{{.Id}}"));
        await host.OkAsync("rm", "-f", "-t", "0", "other", "victim");
    }

    private static JsonArray Each(int count, Func<int, JsonNode?> item) => [.. Enumerable.Range(0, count).Select(item)];

    private static JsonObject Device(int major) => new() { ["allow"] = true, ["type"] = "c", ["major"] = major, ["minor"] = 1 };
}
