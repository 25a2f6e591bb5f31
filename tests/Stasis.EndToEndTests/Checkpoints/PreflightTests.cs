using System.Net.Sockets;
using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>
/// What a dry run says of a container, and that CRIU and a checkpoint agree with it. The programs of Programs/holder.c each hold one thing;
/// where the kernel hasn't got it, they exit with code 77.
/// </summary>
public sealed class PreflightTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    private string Archive => _host.PathOf("archive.tar");

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync("holders", ["holder"]);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("io-uring", "io-uring")]
    [InlineData("perf-event", "perf-event")]
    [InlineData("userfaultfd", "userfaultfd")]
    [InlineData("bpf", "bpf")]
    [InlineData("seccomp-notify", "seccomp-notify")]
    [InlineData("queue", "message-queue")]
    [InlineData("closed-queue", "message-queue")]
    [InlineData("secret", "secret-memory")]
    [InlineData("traced", "traced-process")]
    [InlineData("pid-namespace", "nested-namespace")]
    [InlineData("user-namespace", "nested-namespace")]
    [InlineData("ipc-namespace", "nested-namespace")]
    [InlineData("network-namespace", "nested-namespace")]
    [InlineData("no-main-thread", "ended-main-thread")]
    [InlineData("device /dev/fuse", "device")]
    [InlineData("device /dev/kvm", "device")]
    [InlineData("mount", "mount")]
    [InlineData("mptcp", "socket")]
    [InlineData("sctp", "socket")]
    [InlineData("vsock", "socket")]
    [InlineData("alg", "socket")]
    public async Task What_CRIU_refuses_is_said_before_it_is_tried(string held, string kind)
    {
        await StartAsync(held);

        var findings = await DryRunAsync(125);

        Assert.Contains(findings, finding => finding is { Kind: var found, Severity: "refused" } && found == kind);
        Assert.NotEqual(0, await DumpWithRuncAloneAsync());
        var error = await _host.FailAsync("container", "checkpoint", "-R", "-e", Archive, "held");
        Assert.StartsWith("Error: cannot checkpoint container held:", error, StringComparison.Ordinal);
        Assert.Contains(findings[0].Message, error, StringComparison.Ordinal);
        Assert.False(File.Exists(Archive));
        Assert.Equal("running", await _host.InspectAsync("held", "{{.State.Status}}"));
    }

    [Theory]
    [InlineData("nothing", null)]
    [InlineData("deleted", "deleted-file")]
    [InlineData("stopped", "stopped-process")]
    [InlineData("mount-namespace", null)]
    [InlineData("chroot", null)]
    [InlineData("pidfd", null)]
    [InlineData("segment", null)]
    [InlineData("device /dev/kmsg", null)]
    [InlineData("raw", null)]
    [InlineData("ping", null)]
    [InlineData("packet", null)]
    [InlineData("netlink", null)]
    public async Task What_can_be_dumped_is_not_refused(string held, string? kind)
    {
        await StartAsync(held);

        var findings = await DryRunAsync(0);

        Assert.Equal(kind is null ? [] : [("note", kind)], findings.Select(finding => (finding.Severity, finding.Kind)).Distinct());
        await _host.OkAsync("container", "checkpoint", "-R", "-c", "none", "-e", Archive, "held");
    }

    [Theory]
    [InlineData("connection", "tcp-connection", "--tcp-established")]
    public async Task What_needs_an_option_is_taken_with_it(string held, string kind, string option)
    {
        await StartAsync(held);

        var findings = await DryRunAsync(125);

        Assert.All(findings, finding => Assert.Equal(("needs-option", kind, option), (finding.Severity, finding.Kind, finding.Option)));
        Assert.Contains(findings[0].Message, await _host.FailAsync("container", "checkpoint", "held"), StringComparison.Ordinal);
        Assert.Empty(await DryRunAsync(0, option));
        await _host.OkAsync("container", "checkpoint", option, "-c", "none", "-e", Archive, "held");
    }

    /// <summary>A shell has its standard output lead to a file for microseconds, and then to conmon's pipe again.</summary>
    [Fact]
    public async Task Descriptor_that_becomes_another_file_s_meanwhile_is_not_refused()
    {
        await _host.OkAsync("run", "-d", "--name", "held", "holders", "sh", "-c", "while :; do echo >/tmp/1; echo >/tmp/2; done");
        for (var i = 0; i < 20; i++)
            Assert.Empty(await DryRunAsync(0));
    }

    [Fact]
    public async Task Unix_socket_whose_other_end_is_outside_is_said()
    {
        var folder = Directory.CreateDirectory(_host.PathOf("outside")).FullName;
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "socket")));
        listener.Listen();
        await StartAsync("peer", "-v", $"{folder}:/outside");
        using var accepted = await listener.AcceptAsync(TestContext.Current.CancellationToken);

        var finding = Assert.Single(await DryRunAsync(125));

        Assert.Equal(("refused", "unix-peer"), (finding.Severity, finding.Kind));
        Assert.Contains($"PID {Environment.ProcessId}, ", finding.Message, StringComparison.Ordinal);
        Assert.NotEqual(0, await DumpWithRuncAloneAsync());
        await _host.FailAsync("container", "checkpoint", "-R", "-e", Archive, "held");
    }

    [Fact]
    public async Task Command_of_exec_is_said_and_left_out_if_the_container_goes_on()
    {
        await StartAsync("nothing");
        await _host.OkAsync("exec", "-d", "held", "sleep", "1000");
        await Eventually.GetAsync(() => _host.OkAsync("exec", "held", "ps"), text => text.Contains("sleep 1000", StringComparison.Ordinal));

        var finding = Assert.Single(await DryRunAsync(125));

        Assert.Equal(("needs-option", "exec-command", "sleep"), (finding.Severity, finding.Kind, finding.Process));
        Assert.Equal("note", Assert.Single(await DryRunAsync(0, "--leave-running")).Severity);
        await _host.OkAsync("container", "checkpoint", "-R", "-c", "none", "-e", Archive, "held");
    }

    /// <summary>nsenter's child is in the container's namespaces, and neither in its cgroups nor in a session of its own.</summary>
    [Fact]
    public async Task Program_that_nsenter_has_left_in_the_container_is_said()
    {
        await StartAsync("nothing");
        var pid = await _host.InspectAsync("held", "{{.State.Pid}}");
        await _host.OnHostAsync("nsenter", "-t", pid, "-m", "-p", "sh", "-c", "sleep 1000 >/dev/null 2>&1 & sleep 0.1");

        Assert.Contains(await DryRunAsync(125), finding => finding is { Kind: "foreign-session", Process: "sleep" });
        Assert.NotEqual(0, await DumpWithRuncAloneAsync());
    }

    /// <summary>Whether this root may read other users' limits depends on the machine.</summary>
    [Fact]
    public async Task Processes_of_another_user_are_said_where_CRIU_cannot_dump_them()
    {
        await _host.OkAsync("run", "-d", "--name", "held", "--user", "1000:1000", "holders", "holder", "nothing");
        await _host.ReadyAsync("held");

        var dryRun = await _host.RunAsync("container", "checkpoint", "--dry-run", "held");
        var criu = await DumpWithRuncAloneAsync();
        var doctor = await _host.OkAsync("doctor", "--prove=false");

        Assert.Equal(criu == 0 ? 0 : 125, dryRun.ExitCode);
        Assert.Equal(criu != 0, dryRun.Output.Contains("runs as user 1000, group 1000", StringComparison.Ordinal));
        Assert.Equal(criu != 0, doctor.Contains("except those whose processes aren't root's", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Options_that_do_not_fit_the_container_are_said()
    {
        await _host.OkAsync("run", "-d", "--rm", "--name", "held", "holders", "holder", "nothing");

        Assert.Equal("options", Assert.Single(await DryRunAsync(125)).Kind);
        Assert.Empty(await DryRunAsync(0, "-e", Archive));
        Assert.False(File.Exists(Archive));
    }

    [Fact]
    public async Task People_get_lines_and_a_summary()
    {
        await StartAsync("nothing");
        await _host.OkAsync("exec", "-d", "held", "sleep", "1000");
        await Eventually.GetAsync(() => _host.OkAsync("exec", "held", "ps"), text => text.Contains("sleep 1000", StringComparison.Ordinal));

        var result = await _host.RunAsync("checkpoint", "--dry-run", "held");

        Assert.Equal(125, result.ExitCode);
        Assert.Equal("", result.Error);
        Assert.Matches(@"(?s)\Aneeds-option  PID \d+ \(sleep\): a command started .*\n        do:   .*--leave-running", result.Output);
        Assert.EndsWith("held: a checkpoint would be refused, for 1 reason\n", result.Output, StringComparison.Ordinal);
        var templated = await _host.RunAsync("checkpoint", "--dry-run", "--format", "{{.container}} {{.kind}}", "held");
        Assert.Equal((125, "held exec-command\n"), (templated.ExitCode, templated.Output));
    }

    /// <summary>What isn't looked for: a file beneath a later mount.</summary>
    [Fact]
    public async Task CRIUs_error_is_told_in_plain_words_with_its_log_once()
    {
        await StartAsync("overmounted");

        var error = await _host.FailAsync("container", "checkpoint", "-e", Archive, "held");

        Assert.Matches(@"PID \d+ \(holder\): descriptor 3, /mounted/file, lies beneath a later mount: ", error);
        Assert.DoesNotContain("RLIMIT_NOFILE", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Dumping FAILED", error, StringComparison.Ordinal);
        Assert.Single(error.Split("dump.log")[1..]);
        Assert.Contains("The container runs as before", error, StringComparison.Ordinal);
    }

    private async Task StartAsync(string held, params string[] options)
    {
        await _host.OkAsync(["run", "-d", "--name", "held", "--privileged", .. options, "holders", "holder", .. held.Split(' ')]);
        await _host.ReadyAsync("held");
    }

    private async Task<IReadOnlyList<Found>> DryRunAsync(int exitCode, params string[] options)
    {
        var result = await _host.RunAsync(["container", "checkpoint", "--dry-run", "--format", "json", .. options, "held"]);
        Assert.True(result.ExitCode == exitCode, $"exit code {result.ExitCode}\n{result.Error}{result.Output}");
        return JsonSerializer.Deserialize<List<Found>>(result.Output, JsonSerializerOptions.Web)!;
    }

    // What CRIU says without Stasis, which would have refused before.
    private async Task<int> DumpWithRuncAloneAsync()
    {
        var (images, work) = (_host.PathOf("images"), _host.PathOf("work"));
        Directory.CreateDirectory(images);
        Directory.CreateDirectory(work);
        var named = Environment.GetEnvironmentVariable("STASIS_CRIU");
        var criu = string.IsNullOrEmpty(named) ? "/usr/local/lib/stasis/bin" : Path.GetDirectoryName(named);
        var result = await _host.ShellAsync(
            $"PATH={criu}:$PATH runc --root {_host.RunRoot}/runtime/runc checkpoint --leave-running "
                + $"--image-path {images} --work-path {work} "
                + await _host.InspectAsync("held", "{{.Id}}"));
        return result.ExitCode;
    }

    private sealed record Found(string Container, string Severity, string Kind, string? Process, string Message, string? Option);
}
