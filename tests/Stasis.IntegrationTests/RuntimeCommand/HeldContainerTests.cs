using System.Globalization;
using System.Text.Json.Nodes;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Jail;
using Stasis.Engine.Oci;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests.RuntimeCommand;

/// <summary>
/// A checkpoint that stasis-runtime restores into a bundle, with real runc: the bundle is that of the checkpointed container, in which an
/// engine has put files of its own.
/// </summary>
public sealed class HeldContainerTests : IAsyncLifetime
{
    private const string Id = "held", NetNs = "stasis-held";

    private readonly TestEngine _test = new();

    private string Bundle => Path.Combine(_test.Home, "bundle");

    private string Archive => Path.Combine(_test.Home, "archive.tar");

    private string Log => Path.Combine(_test.Home, "log");

    private string Group => $"/stasis-held-{Path.GetFileName(_test.Home)}";

    private int Count => int.Parse(File.ReadAllText(Path.Combine(Bundle, "rootfs/count")), CultureInfo.InvariantCulture);

    public async ValueTask InitializeAsync()
    {
        await OkAsync("ip", "netns", "add", NetNs);
        await _test.CreateAsync("one", "i=0; while :; do i=$((i+1)); echo $i >/new; mv /new /count; sleep 0.05; done", change: null);
        var container = await _test.Containers.StartAsync("one", TestEngine.Cancellation);
        await Eventually.FileAsync(Path.Combine(_test.Engine.Layout.Container(container.Id).Merged, "count"));
        var options = new CheckpointOptions { Export = Archive };
        await _test.Engine.Checkpoints.CheckpointAsync("one", options, null, TestEngine.Cancellation);
        await _test.Containers.RemoveAsync("one", force: true, TestEngine.Cancellation);
        Directory.CreateDirectory(Bundle);
        await OkAsync("cp", "-a", _test.Engine.Layout.Layer("sha256-busybox"), Path.Combine(Bundle, "rootfs"));
        await OkAsync("tar", "-C", _test.Home, "-xf", Archive, "spec.dump");
        WriteConfig(_ => { });
        File.CreateSymbolicLink(Path.Combine(_test.Home, "stasis-runtime"), TestEngine.Command);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("delete", "--force", Id);
        await OkAsync("ip", "netns", "del", NetNs);
        foreach (var group in FindGroups(Group))
            Directory.Delete(group);
        await _test.DisposeAsync();
    }

    [Fact]
    public async Task It_is_created_until_it_is_started_and_goes_on_then()
    {
        await CreateAsync();
        var count = Count;

        Assert.Equal("created", await ReadStatusAsync());
        Assert.Contains(FindGroups($"{Group}/{Id}"), group => IsFreezer(group) && Cgroup.IsFrozen(group));
        Assert.Contains(File.ReadLines("/proc/keys"), line => line.Contains($"_ses.{Id}", StringComparison.Ordinal));
        Assert.Equal(count, Count);

        Assert.Equal((0, ""), await RunAsync("start", Id));
        await TestEngine.UntilAsync(() => Count > count, "the container counts on");
        Assert.Equal("running", await ReadStatusAsync());
        Assert.Equal((0, "bundles\n"), await RunAsync("exec", Id, "cat", "/proc/sys/kernel/hostname"));

        Assert.Equal(0, (await RunAsync("kill", Id, "KILL")).Code);
        await Eventually.GetAsync(ReadStatusAsync, status => status == "stopped");
        Assert.Equal(0, (await RunAsync("delete", Id)).Code);
        AssertNothingLeft();
    }

    [Theory]
    [InlineData("kill held KILL", "delete held")]
    [InlineData("delete held")]
    [InlineData("delete --force held")]
    public async Task Removed_before_its_start_it_has_never_run(params string[] verbs)
    {
        await CreateAsync();
        var count = Count;

        foreach (var verb in verbs)
            Assert.Equal(0, (await RunAsync(verb.Split(' '))).Code);

        Assert.Equal(count, Count);
        AssertNothingLeft();
        await CreateAsync();
    }

    [Fact]
    public async Task Capabilities_and_limits_are_the_bundles()
    {
        WriteConfig(config =>
        {
            var process = config["process"]!;
            process["noNewPrivileges"] = true;
            process["rlimits"] = new JsonArray(new JsonObject { ["type"] = "RLIMIT_NOFILE", ["hard"] = 100, ["soft"] = 50 });
            foreach (var set in process["capabilities"]!.AsObject().Select(pair => pair.Key).ToList())
                process["capabilities"]![set] = new JsonArray("CAP_KILL", "CAP_CHOWN");
        });

        await CreateAsync();

        var pid = await File.ReadAllTextAsync(Path.Combine(_test.Home, "pid"), TestEngine.Cancellation);
        var status = await File.ReadAllTextAsync($"/proc/{pid}/status", TestEngine.Cancellation);
        foreach (var set in (string[])["CapPrm", "CapEff", "CapBnd"])
            Assert.Equal("0000000000000021", ProcStatus.Find(status, set));
        Assert.Equal("1", ProcStatus.Find(status, "NoNewPrivs"));
        Assert.Contains(
            File.ReadLines($"/proc/{pid}/limits"),
            line => line.StartsWith("Max open files", StringComparison.Ordinal) && line.Contains(" 100 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_mount_that_the_checkpoint_did_not_have_is_there()
    {
        var more = Directory.CreateDirectory(Path.Combine(_test.Home, "more")).FullName;
        await File.WriteAllTextAsync(Path.Combine(more, "file"), "more", TestEngine.Cancellation);
        WriteConfig(config => config["mounts"]!.AsArray().Add(MakeBind("/more", more)));

        await CreateAsync();

        Assert.Equal((0, ""), await RunAsync("start", Id));
        Assert.Equal((0, "more"), await RunAsync("exec", Id, "cat", "/more/file"));
    }

    [Theory]
    [InlineData("user", "runs as user 0, and the container is to run as 1000")]
    [InlineData("terminal", "without a terminal")]
    [InlineData("pid", "a shared PID namespace")]
    [InlineData("archive", "is not there")]
    public async Task What_does_not_fit_is_refused_in_one_line_and_leaves_nothing(string change, string why)
    {
        WriteConfig(config =>
        {
            if (change == "user")
                config["process"]!["user"]!["uid"] = 1000;
            else if (change == "terminal")
                config["process"]!["terminal"] = true;
            else if (change == "pid")
                config["linux"]!["namespaces"]!.AsArray().RemoveAll(space => (string?)space!["type"] == "pid");
            else
                config["mounts"]!.AsArray().Add(MakeBind("/.stasis", "/nowhere"));
        });

        var failed = await TryCreateAsync();

        Assert.Equal(1, failed.ExitCode);
        Assert.Contains(why, Assert.Single(failed.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        var logged = JsonNode.Parse((await File.ReadAllLinesAsync(Log, TestEngine.Cancellation))[^1])!;
        Assert.Equal("error", (string?)logged["level"]);
        Assert.Contains(why, (string?)logged["msg"], StringComparison.Ordinal);
        AssertNothingLeft();
    }

    // The checkpointed container's spec, with an engine's own paths and without what an engine need not have.
    private void WriteConfig(Action<JsonObject> change)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(_test.Home, "spec.dump")))!.AsObject();
        config["root"]!["path"] = "rootfs";
        config["hostname"] = "bundles";
        config["annotations"] = null;
        config["linux"]!["cgroupsPath"] = $"{Group}/{Id}";
        var mounts = config["mounts"]!.AsArray();
        mounts.RemoveAll(mount => (string?)mount!["destination"] is "/run/.stasis" or "/etc/hosts");
        foreach (var mount in mounts.Where(mount => (string?)mount!["type"] == "bind"))
        {
            var source = Path.Combine(_test.Home, "source-" + Path.GetFileName((string)mount!["destination"]!));
            mount["source"] = source;
            if ((string?)mount["destination"] == "/dev/shm")
                Directory.CreateDirectory(source);
            else
                File.WriteAllText(source, "");
        }
        mounts.Add(MakeBind("/.stasis", Archive));
        foreach (var space in config["linux"]!["namespaces"]!.AsArray().Where(space => (string?)space!["type"] == "network"))
            space!["path"] = "/run/netns/" + NetNs;
        change(config);
        File.WriteAllText(Path.Combine(Bundle, "config.json"), config.ToJsonString());
    }

    private static JsonObject MakeBind(string destination, string source) =>
        new() { ["destination"] = destination, ["type"] = "bind", ["source"] = source, ["options"] = new JsonArray("bind", "ro") };

    private async Task CreateAsync()
    {
        var made = await TryCreateAsync();
        Assert.True(made.ExitCode == 0, made.Error);
    }

    private Task<ProgramResult> TryCreateAsync() =>
        RuntimeAsync("create", "--bundle", Bundle, "--pid-file", Path.Combine(_test.Home, "pid"), Id);

    private async Task<string?> ReadStatusAsync() => (string?)JsonNode.Parse((await RunAsync("state", Id)).Output)!["status"];

    private async Task<(int Code, string Output)> RunAsync(params string[] verb)
    {
        var result = await RuntimeAsync(verb);
        return (result.ExitCode, result.Output);
    }

    private Task<ProgramResult> RuntimeAsync(params string[] verb) => Spawn.RunAsync(
        new SpawnOptions
        {
            Program = Path.Combine(_test.Home, "stasis-runtime"),
            Arguments = ["--root", Path.Combine(_test.Home, "state"), "--log", Log, "--log-format", "json", .. verb],
            Environment =
            [
                .. from System.Collections.DictionaryEntry e in Environment.GetEnvironmentVariables() select $"{e.Key}={e.Value}",
                $"STASIS_ROOT={_test.Engine.Layout.Root}", $"STASIS_RUNROOT={_test.Engine.Layout.RunRoot}", "STASIS_RUNTIME=runc",
            ],
        },
        Eventually.HangGuard,
        TestEngine.Cancellation);

    private static async Task OkAsync(string program, params string[] arguments)
    {
        var result = await Spawn.RunAsync(
            new SpawnOptions { Program = program, Arguments = arguments }, Eventually.HangGuard, TestEngine.Cancellation);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private static IEnumerable<string> FindGroups(string path) =>
        JailCgroups.Locate(HostCgroups.Read(), path).Where(Directory.Exists);

    // Of v1, or cgroup2.
    private static bool IsFreezer(string group) =>
        File.Exists(Path.Combine(group, "freezer.state")) || File.Exists(Path.Combine(group, "cgroup.freeze"));

    private void AssertNothingLeft()
    {
        Assert.Empty(FindGroups($"{Group}/{Id}"));
        string[] folders = [Path.Combine(_test.Home, "state"), .. Directory.EnumerateDirectories(
            _test.Engine.Layout.RunRoot, "*%2F*", SearchOption.AllDirectories)];
        Assert.Empty(folders.Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries));
        if (Directory.Exists(_test.Engine.Layout.Staging))
            Assert.Empty(Directory.EnumerateFileSystemEntries(_test.Engine.Layout.Staging));
        Assert.DoesNotContain(File.ReadLines("/proc/self/mountinfo"), line => line.Contains(Bundle, StringComparison.Ordinal));
    }
}
