using System.Text.RegularExpressions;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Vetting;

/// <summary>
/// Containers made with each of run's options: where they were made, their archives come back without a flag; on another host with the
/// flags that the refusal names, which are those that the options stand for.
/// </summary>
public sealed partial class RunOptionTests(RunOptionTests.Hosts hosts) : IClassFixture<RunOptionTests.Hosts>, IAsyncDisposable
{
    private readonly StasisHost _maker = hosts.Maker;
    private readonly StasisHost _other = hosts.Other;

    private string Archive => _maker.PathOf("archive.tar");

    public async ValueTask DisposeAsync()
    {
        foreach (var host in (StasisHost[])[_maker, _other])
        {
            await host.OkAsync("rm", "-f", "-a");
            await host.OkAsync("volume", "prune", "-f");
            await Leftovers.AssertNoneAsync(host);
        }
        File.Delete(Archive);
    }

    public static TheoryData<string, string> Options => new()
    {
        { "", "" },
        { "-v data:/data -v /anonymous -v fixed:/fixed:ro", "" },
        { "--tmpfs /t:size=1m -e A=b --env-file FOLDER/env -w /tmp --label a=b --annotation c=d --stop-signal INT --stop-timeout 3", "" },
        { "--hostname other --shm-size 1m --entrypoint env", "" },
        { "--read-only -t -i", "" },
        { "--memory 64m --pids-limit 100 --cap-drop all --security-opt no-new-privileges --security-opt mask=/etc/group", "" },
        { "--init", "" },
        { "--network podman -p 8080:80 --ip 10.88.200.7 --dns 192.0.2.1 --add-host x:192.0.2.2 --expose 99", "--allow port:8080" },
        { "-v FOLDER:/data:ro", "--allow mount:FOLDER:ro" },
        { "-v FOLDER:/data", "--allow mount:FOLDER:rw" },
        { "--cap-add NET_ADMIN --cap-add NET_RAW", "--allow cap:NET_ADMIN --allow cap:NET_RAW" },
        { "--security-opt seccomp=unconfined", "--allow seccomp:unconfined" },
        {
            "--security-opt unmask=/proc/sys --security-opt unmask=/proc/kcore",
            "--allow unmasked-path:/proc/kcore --allow writable-path:/proc/sys"
        },
        { "--pids-limit -1", "--allow resource:pids.limit=none" },
        { "--network host", "--allow ns:network=host" },
        { "--privileged", "--allow privileged" },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Comes_back(string options, string flags)
    {
        var folder = Directory.CreateDirectory(_maker.PathOf("data")).FullName;
        (options,
            flags) = (options.Replace("FOLDER", folder, StringComparison.Ordinal),
                flags.Replace("FOLDER", folder, StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(folder, "env"), "C=d\n", TestContext.Current.CancellationToken);
        string[] network = options.Contains("--network", StringComparison.Ordinal) ? [] : ["--network", "none"];
        await _maker.OkAsync(
        [
            "run", "-d", "--name", "a", .. network, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "busybox", "sh", "-c",
            "while :; do sleep 0.1; done"
        ]);
        await _maker.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, "a");
        await _maker.OkAsync("rm", "a");
        await _maker.OkAsync("volume", "prune", "-f");

        await _maker.OkAsync("container", "restore", "-i", Archive);
        await _maker.OkAsync("rm", "-f", "-t", "0", "a");
        Assert.Contains("own-archive", await _maker.OkAsync("archive", "verify", Archive), StringComparison.Ordinal);
        Assert.Equal(flags.Length > 0 ? 1 : 0, (await _other.RunAsync("archive", "verify", Archive)).ExitCode);

        var first = await _other.RunAsync("container", "restore", "-i", Archive);
        var named = Flags().Match(first.Error.TrimEnd().Split('\n')[^1]) is { Success: true } match ? match.Value : "";
        Assert.True(named == flags && (flags.Length > 0) == (first.ExitCode != 0), first.Error);
        if (flags.Length > 0)
            await _other.OkAsync(["container", "restore", "-i", Archive, .. flags.Split(' ')]);
        Assert.Equal("running", await _other.InspectAsync("a", "{{.State.Status}}"));
    }

    [Fact]
    public async Task A_file_system_in_memory_within_a_bind_comes_back_as_the_container_s_own()
    {
        var folder = Directory.CreateDirectory(_maker.PathOf("data/sub")).Parent!.FullName;
        await ToolAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", $"{folder}/sub");
        try
        {
            await File.WriteAllTextAsync($"{folder}/sub/file", "held\n", TestContext.Current.CancellationToken);
            await _maker.OkAsync(
                "run",
                "-d",
                "--network",
                "none",
                "--name",
                "a",
                "-v",
                $"{folder}:/data:ro",
                "busybox",
                "sh",
                "-c",
                "while :; do sleep 0.1; done");
        }
        finally
        {
            await ToolAsync("umount", $"{folder}/sub"); // the container still has it, and nobody else
        }
        await _maker.OkAsync("container", "checkpoint", "-e", Archive, "a");
        await _maker.OkAsync("rm", "a");

        var flags = $"--allow mount:{folder}:ro --allow submount:/data/sub";
        Assert.EndsWith(flags, (await _other.FailAsync("container", "restore", "-i", Archive)).TrimEnd(), StringComparison.Ordinal);
        await _other.OkAsync(["container", "restore", "-i", Archive, .. flags.Split(' ')]);
        Assert.Equal("held", await _other.OkAsync("exec", "a", "cat", "/data/sub/file"));
        Assert.Empty(Directory.GetFileSystemEntries($"{folder}/sub"));
    }

    /// <summary>The value is that of the images' rule; the last look takes it too.</summary>
    [Fact]
    public async Task Priority_that_is_allowed_comes_back()
    {
        await _maker.OkAsync("run", "-d", "--network", "none", "--name", "a", "busybox", "sleep", "1000");
        await ToolAsync("renice", "-n", "-5", "-p", await _maker.InspectAsync("a", "{{.State.Pid}}"));
        await _maker.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, "a");
        await _maker.OkAsync("rm", "a");

        const string Flags = "--allow image-sched:-5";
        Assert.EndsWith(Flags, (await _other.FailAsync("container", "restore", "-i", Archive)).TrimEnd(), StringComparison.Ordinal);
        await _other.OkAsync(["container", "restore", "-i", Archive, .. Flags.Split(' ')]);
        var restored = await _other.InspectAsync("a", "{{.State.Pid}}");
        var stat = await File.ReadAllTextAsync($"/proc/{restored}/stat", TestContext.Current.CancellationToken);
        Assert.Equal("-5", stat.Split(") ")[1].Split(' ')[16]);
    }

    private static async Task ToolAsync(params string[] command)
    {
        using var process = System.Diagnostics.Process.Start(command[0], command[1..]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Two hosts that have the same image.</summary>
    public sealed class Hosts : IAsyncLifetime
    {
        public StasisHost Maker { get; } = new(networks: true);

        public StasisHost Other { get; } = new(networks: true);

        public async ValueTask InitializeAsync()
        {
            var image = Maker.PathOf("image.tar");
            await Maker.ImportBusyboxAsync();
            await Maker.OkAsync("save", "-o", image, "busybox");
            await Other.OkAsync("load", "-i", image);
        }

        public async ValueTask DisposeAsync()
        {
            await Maker.DisposeAsync();
            await Other.DisposeAsync();
        }
    }

    [GeneratedRegex("(--allow \\S+ ?)+\\z")]
    private static partial Regex Flags();
}
