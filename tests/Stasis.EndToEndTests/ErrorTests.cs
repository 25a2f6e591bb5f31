using System.Globalization;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests;

/// <summary>What a person reads when something can't be done: why, once, and on a line of its own what to do.</summary>
public sealed class ErrorTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("container restore -i /no/such.tar", "archive /no/such.tar: No such file or directory", "check the path")]
    [InlineData("container restore -i ", "archive \"\": that names no file", "give its path")]
    [InlineData("container restore -i /etc", "archive /etc: it is a folder, not a checkpoint archive", "check the path")]
    [InlineData("container restore -i /etc/passwd", "archive /etc/passwd: not a checkpoint archive: it is neither",
        "stasis container checkpoint --export FILE CONTAINER writes one")]
    [InlineData("image import /no/such.tar x", "archive /no/such.tar: No such file or directory", "check the path")]
    [InlineData("load -i /no/such.tar", "archive /no/such.tar: No such file or directory", "check the path")]
    [InlineData("run -v /no/such:/x busybox true", "cannot mount /no/such: no such file or directory", "mkdir -p /no/such")]
    [InlineData("run --name a,b busybox true", "container name \"a,b\": a name has letters, digits", "choose another name")]
    [InlineData("volume create a,b", "volume name \"a,b\": a name has letters, digits", "choose another name")]
    [InlineData("volume inspect nope", "no such volume: nope", "stasis volume ls")]
    [InlineData("inspect nope", "no such container, image, volume or network: nope", "stasis ps --all")]
    [InlineData("logs nope", "no such container: nope", "stasis ps --all")]
    [InlineData("pull oci:/no/such", "fetching oci:/no/such: skopeo: ", "check name and tag")]
    [InlineData("restore nope", "no such container or image: nope", "--import FILE")]
    [InlineData("restore /etc/passwd", "no such container or image: /etc/passwd", "stasis restore --import /etc/passwd")]
    [InlineData("restore nope --name q", "no such container or image: nope", "--import FILE")]
    [InlineData("network create --subnet 10.90.0.0 n", "subnet \"10.90.0.0\" is not in CIDR form", "length of its prefix")]
    [InlineData("--root /proc/no/such ps", "database /proc/no/such/stasis.db can't be made: No such file or directory", "")]
    public async Task Error_says_why_and_what_to_do(string arguments, string why, string remedy)
    {
        var lines = (await _host.FailAsync(arguments.Split(' '))).Split('\n');
        Assert.StartsWith($"Error: {why}", lines[0], StringComparison.Ordinal);
        Assert.Contains(remedy, lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chekpoint c", "unknown command \"stasis chekpoint\"; did you mean \"stasis checkpoint\"?", "stasis --help")]
    [InlineData("containr ps", "unknown command \"stasis containr\"; did you mean \"stasis container\"?", "stasis --help")]
    [InlineData("container restor c", "unknown command \"stasis container restor\"; did you mean \"stasis container restore\"?",
        "stasis container --help")]
    [InlineData("prune", "unknown command \"stasis prune\"; did you mean ", "stasis --help")]
    [InlineData("help nope", "unknown command \"stasis nope\"", "stasis help --help")]
    [InlineData("container", "missing command 'stasis container COMMAND'", "stasis container --help")]
    [InlineData("run", "missing argument IMAGE: stasis run [options] IMAGE [COMMAND...]", "stasis run --help")]
    [InlineData("image import x.tar", "missing argument IMAGE: stasis image import FILE IMAGE", "stasis image import --help")]
    [InlineData("restore -i x --require-signature id.pub",
        "cannot use --import with positional arguments, --all or --latest; the file of --require-signature is tied to it with =",
            "stasis restore --help")]
    [InlineData("checkpoint import --require-signature id.pub /etc/passwd",
        "/etc/passwd is a file, but the second argument is a checkpoint's name; the file of --require-signature is tied to it with =",
            "stasis checkpoint import --help")]
    [InlineData("--runroot= ps", "--runroot is empty", "stasis ps --help")]
    [InlineData("rename a b c", "unexpected argument c: stasis rename ", "stasis rename --help")]
    public async Task A_wrong_command_line_is_told_what_is_wrong(string arguments, string why, string help)
    {
        var lines = (await _host.FailAsync(arguments.Split(' '))).Split('\n');
        Assert.StartsWith($"Error: {why}", lines[0], StringComparison.Ordinal);
        Assert.Equal($"See '{help}'", lines[1]);
    }

    [Fact]
    public async Task Help_is_there_by_both_names()
    {
        Assert.Equal(await _host.OkAsync("container", "restore", "--help"), await _host.OkAsync("help", "container", "restore"));
        Assert.Equal(await _host.OkAsync("--help"), await _host.OkAsync("help"));
    }

    [Fact]
    public async Task A_taken_name_an_archive_without_a_folder_and_rm_without_an_archive()
    {
        await _host.StartCounterAsync("c");
        await _host.StartCounterAsync("gone", "--rm");
        var archive = _host.PathOf("c.tar");
        await _host.OkAsync("container", "checkpoint", "-R", "-e", archive, "c");
        var id = (await _host.InspectAsync("c", "{{.Id}}"))[..12];

        Assert.Equal(
            $"Error: the container name \"c\" is already in use by container {id}\nremove that container (stasis rm c, with --force: it runs), "
                + $"or choose another name\n",
            await _host.FailAsync("container", "restore", "-i", archive, "-n", "c"));
        Assert.StartsWith($"Error: archive {archive}: the container ID {id} is already in use by the container \"c\"\n",
            await _host.FailAsync("container", "restore", "-i", archive), StringComparison.Ordinal);
        Assert.Equal(
            "Error: cannot write archive /no/such/x.tar: there is no folder /no/such\nmake it (mkdir -p /no/such), or give another path\n",
            await _host.FailAsync("container", "checkpoint", "-e", "/no/such/x.tar", "c"));
        Assert.Equal(
            "Error: cannot checkpoint container gone in place: it was started with --rm, and is removed when it ends\nwrite an archive "
                + "(--export FILE), or an image (--create-image NAME)\n",
            await _host.FailAsync("container", "checkpoint", "gone"));
    }

    [Fact]
    public async Task An_exec_that_waits_for_a_checkpoint_is_ended_by_a_signal()
    {
        await _host.StartCounterAsync("c");

        var result =
            await _host.ShellAsync(
                $": > wait; STASIS_FAULT=checkpoint.written=wait:wait {_host.Line} container checkpoint -R --create-image im c & "
                    + "until [ -e wait.hit ]; do sleep 0.02; done; " +
            $"timeout -s TERM 1 {_host.Line} exec c true; echo $?; [ -e wait ] || echo late; rm wait; wait $!");

        Assert.Equal("124", result.Output.Split('\n')[0]);
        Assert.DoesNotContain("late", result.Output, StringComparison.Ordinal);
        await _host.CountsOnAsync("c");
    }

    [Fact]
    public async Task An_interrupted_checkpoint_says_what_survives()
    {
        await _host.StartCounterAsync("c");
        await File.WriteAllTextAsync(_host.PathOf("wait"), "", TestContext.Current.CancellationToken);

        var ending =
            _host.ShellAsync($"STASIS_FAULT=checkpoint.frozen=wait:wait {_host.Line} container checkpoint c & echo $! >pid; wait $!");
        await Eventually.FileAsync(_host.PathOf("wait.hit"));
        await SentSignal.SendAsync(
            int.Parse(await File.ReadAllTextAsync(_host.PathOf("pid"), TestContext.Current.CancellationToken),
                CultureInfo.InvariantCulture), Signals.Term);
        File.Delete(_host.PathOf("wait"));
        var result = await ending;

        Assert.Equal((143, "Error: checkpointing container c was interrupted; the container runs as before\n"),
            (result.ExitCode, result.Error));
        await _host.CountsOnAsync("c");
    }

    [Theory]
    [InlineData("ps")]
    [InlineData("run busybox true")]
    [InlineData("doctor")]
    public async Task Caller_without_root_is_told_so(string arguments)
    {
        var result =
            await _host.ShellAsync(
                $"cp {StasisHost.Binary} /run/stasis-for-all; chmod 755 /run/stasis-for-all; setpriv --reuid 65534 --regid 65534 "
                    + $"--clear-groups /run/stasis-for-all {arguments}; code=$?; rm /run/stasis-for-all; exit $code");
        Assert.Equal(
            (125,
                $"Error: stasis {arguments.Split(' ')[0]}: only root can do this: containers without root are not supported\nrun it as "
                    + $"root, for example with sudo\n"), (result.ExitCode, result.Error));
    }
}
