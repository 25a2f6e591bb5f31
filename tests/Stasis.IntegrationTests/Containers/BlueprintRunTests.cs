using Stasis.Engine.Containers.Create;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Xunit;

namespace Stasis.IntegrationTests.Containers;

/// <summary>What create asks for, seen from within real containers.</summary>
public sealed class BlueprintRunTests : IAsyncLifetime
{
    private readonly TestEngine _test = new();

    private static CancellationToken Cancellation => TestEngine.Cancellation;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task A_plain_container_is_confined()
    {
        var lines =
            await OutputAsync(
                "grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status; cat /proc/sys/kernel/hostname; ulimit -n; umask; cat "
                    + "/proc/kcore | wc -c; ls /sys/firmware | wc -l; " +
            "{ echo x > /proc/sys/kernel/hostname; } 2>/dev/null || echo readonly; cat /proc/sys/net/ipv4/ping_group_range; ip addr "
                + "show lo | grep -c LOOPBACK,UP");

        Assert.Contains("CapEff:\t00000000800405fb", lines);
        Assert.Contains("Seccomp:\t2", lines);
        Assert.Contains("0022", lines);
        Assert.Contains("readonly", lines);
        Assert.Contains("0\t0", lines);
        Assert.Equal("1", lines[^1]);
        Assert.Equal(2, lines.Count(line => line == "0"));
    }

    [Fact]
    public async Task Its_files_are_there()
    {
        var lines = await OutputAsync("cat /etc/hosts; cat /etc/hostname; ls -a /run; df /dev/shm | tail -1",
            options => options with { Hostname = "frozen" });

        Assert.Contains("127.0.0.1\tfrozen one", lines);
        Assert.Contains("frozen", lines);
        Assert.Contains(".containerenv", lines);
        Assert.Contains(lines,
            line => line.EndsWith("/dev/shm", StringComparison.Ordinal) && line.Contains("64000", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Users_and_their_homes_are_looked_up_in_it()
    {
        Assert.Equal(["uid=1000(anna) gid=100(users) groups=10(wheel),100(users)", "/home/anna", "/work 1000"],
            await OutputAsync("id; echo $HOME; stat -c '%n %u' /work", options => options with { User = "anna" },
            new ImageExecutionConfig { WorkingDir = "/work" }));
    }

    [Fact]
    public async Task An_unknown_user_is_told_and_nothing_is_left()
    {
        var container = await _test.CreateAsync("one", "true", options => options with { User = "nobody-here" });

        var failure = await Assert.ThrowsAsync<StasisException>(() => _test.Containers.StartAsync("one", Cancellation));

        Assert.Contains("unable to find user nobody-here: no matching entries in passwd file", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_test.Traces(container.Id));
    }

    [Theory]
    [InlineData("no-such-command", CommandProblem.NotFound, "executable file not found in $PATH")]
    [InlineData("/etc/passwd", CommandProblem.NotExecutable, "permission denied")]
    [InlineData("/no/such", CommandProblem.NotFound, "no such file or directory")]
    public async Task A_command_that_cannot_run_is_told_in_the_runtimes_words(string command, CommandProblem problem, string words)
    {
        var container = await _test.CreateAsync("one", "", options => options with { Command = [command] });

        var failure = await Assert.ThrowsAsync<RuntimeException>(() => _test.Containers.StartAsync("one", Cancellation));

        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Equal(problem, failure.Problem);
        await TestEngine.UntilAsync(() => _test.Traces(container.Id).Count == 0, "nothing left");
    }

    [Fact]
    public async Task A_working_directory_that_was_asked_for_must_be_there()
    {
        await _test.CreateAsync("one", "true", options => options with { WorkingDirectory = "/nowhere" });

        Assert.Contains("workdir \"/nowhere\" does not exist",
            (await Assert.ThrowsAsync<StasisException>(() => _test.Containers.StartAsync("one", Cancellation))).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_root_is_one()
    {
        Assert.Equal(["ro", "rw", "shm"],
            await OutputAsync("touch /x 2>/dev/null || echo ro; touch /tmp/x && echo rw; touch /dev/shm/x && echo shm",
                options => options with { ReadOnly = true }));
    }

    [Fact]
    public async Task Limits_hold()
    {
        var lines =
            await OutputAsync(
                "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us",
            options => options with { Memory = 64 << 20, PidsLimit = 99, Cpus = 0.5 });

        Assert.Equal(["67108864", "99", "50000"], lines);
    }

    [Fact]
    public async Task Privileged_sees_the_hosts_devices_and_everything()
    {
        var lines = await OutputAsync("grep Seccomp: /proc/self/status; ls /dev/kmsg; mount -t tmpfs none /tmp && echo mounted",
            options => options with { Privileged = true });

        Assert.Equal(["Seccomp:\t0", "/dev/kmsg", "mounted"], lines);
    }

    [Fact]
    public async Task Init_is_the_first_process()
    {
        Assert.Equal(["/run/podman-init"],
            await OutputAsync("cat /proc/1/cmdline | tr '\\0' '\\n' | head -1", options => options with { Init = true }));
    }

    [Fact]
    public async Task A_new_volume_starts_with_what_the_image_has_in_its_place()
    {
        await _test.CreateAsync("one", "stat -c '%u %a' /etc /etc/passwd; touch /etc/mine; rm /etc/group",
            options => options with { Volumes = ["etc:/etc", "none:/none"] });
        Assert.Equal(["0 755", "0 644"], await EndAsync("one"));

        await _test.CreateAsync("two", "ls /etc", options => options with { Volumes = ["etc:/etc"] });
        Assert.DoesNotContain("group", await EndAsync("two"));
        Assert.Contains("mine", await EndAsync("two"));

        await _test.CreateAsync("three", "ls /etc", options => options with { Volumes = ["other:/etc:nocopy"] });
        Assert.DoesNotContain("passwd", await EndAsync("three"));
    }

    [Fact]
    public async Task Binds_by_way_of_links_have_what_the_links_lead_to_as_source()
    {
        var (folder, link) = (Path.Combine(_test.Home, "folder"), Path.Combine(_test.Home, "link"));
        Directory.CreateDirectory(folder);
        File.CreateSymbolicLink(link, "folder");

        var container = await _test.CreateAsync("one", "true", options => options with { Volumes = [$"{link}:/x"], Init = true });

        Assert.Equal(folder, container.Spec.Mounts!.Single(mount => mount.Destination == "/x").Source);
        Assert.All(container.Spec.Mounts!.Where(mount => mount.Type == "bind"),
            mount => Assert.Null(new FileInfo(mount.Source!).LinkTarget));
        var foreign = container.Spec with { Mounts = [new() { Destination = "/y", Type = "bind", Source = link }] };
        Assert.Equal(folder, ContainerSpecMounts.WithRealSources(foreign).Mounts![0].Source);
    }

    private async Task<List<string>> EndAsync(string name)
    {
        await _test.Containers.StartAsync(name, Cancellation);
        await _test.Containers.WaitAsync(name, Cancellation);
        return await _test.LogAsync(name);
    }

    private async Task<List<string>> OutputAsync(string script, Func<CreateOptions, CreateOptions>? change = null,
        ImageExecutionConfig? image = null)
    {
        await _test.CreateAsync("one", script, change, image);
        return await EndAsync("one");
    }
}
