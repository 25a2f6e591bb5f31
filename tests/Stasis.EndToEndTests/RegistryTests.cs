using Stasis.EndToEndTests.Checkpoints;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests;

/// <summary>Images and checkpoints go to a real registry and come back from it.</summary>
public sealed class RegistryTests : IAsyncLifetime
{
    private const string PlainHttp = "--tls-verify=false";

    private readonly StasisHost _host = new();
    private LocalRegistry? _registry;

    private string Archive => _host.PathOf("archive.tar.zst");

    private string AuthFile => _host.PathOf("auth.json");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _registry?.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Image_is_tagged_pushed_and_pulled()
    {
        await StartAsync();
        await _host.ImportBusyboxAsync("tools");
        var name = Name("tools:v1");
        await _host.OkAsync("tag", "tools", name, "other");
        var digest = await _host.OkAsync("push", PlainHttp, name);
        Assert.Matches("^sha256:[0-9a-f]{64}$", digest);
        await _host.OkAsync("rmi", "-f", "tools", "other", name);
        await _host.OkAsync("pull", PlainHttp, $"{Name("tools")}@{digest}");
        Assert.Equal("ok", await _host.OkAsync("run", "--rm", $"{Name("tools")}@{digest}", "echo", "ok"));
    }

    [Theory]
    [InlineData("checkpoint")]
    [InlineData("archive")]
    [InlineData("image")]
    public async Task Checkpoint_is_pushed_and_restored_by_digest(string from)
    {
        await StartAsync();
        await _host.ImportBusyboxAsync("workload", ["counter"]);
        await Workload.StartAsync(_host, "original", "counter");
        var name = Name("counter:monday");
        var digest = from switch
        {
            "checkpoint" => await _host.OkAsync("container", "checkpoint", "-R", "--push", name, PlainHttp, "original"),
            "archive" => await PushArchiveAsync(name),
            _ => await PushImageAsync(name),
        };
        await _host.OkAsync(
            "container", "restore", PlainHttp, $"docker://{Name("counter")}@{digest}", "--name", "copy");
        await Workload.CountsAsync(_host, "copy", 8);
        await Workload.CountsAsync(_host, "original", 8);
    }

    [Fact]
    public async Task Checkpoint_names_the_digest_of_the_image_that_it_needs()
    {
        await StartAsync();
        await _host.ImportBusyboxAsync("tools");
        var digest = await _host.OkAsync("push", PlainHttp, "tools", Name("tools:v1"));
        await _host.OkAsync("rmi", "-f", "tools");
        await _host.OkAsync("pull", PlainHttp, Name("tools:v1"));
        await _host.OkAsync("run", "-d", "--name", "original", Name("tools:v1"), "sleep", "1000");

        await _host.OkAsync("container", "checkpoint", "-R", "--push", Name("sleeper:v1"), PlainHttp, "original");

        var manifest = await _host.OnHostAsync("skopeo", "inspect", "--raw", PlainHttp, $"docker://{Name("sleeper:v1")}");
        Assert.Contains($"\"org.opencontainers.image.base.digest\":\"{digest}\"", manifest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Private_registry_takes_an_image_after_a_login_alone()
    {
        await StartAsync(withLogin: true);
        await _host.ImportBusyboxAsync("tools");
        string[] push = ["push", PlainHttp, "--authfile", AuthFile, "tools", Name("tools")];
        await File.WriteAllTextAsync(AuthFile, "{}", TestContext.Current.CancellationToken);
        Assert.Contains("log in to the registry", await _host.FailAsync(push), StringComparison.Ordinal);
        var login = await _host.ShellAsync(
            $"echo {LocalRegistry.Password} | {_host.Line} login {PlainHttp} --authfile {AuthFile} -u {LocalRegistry.User} "
            + $"--password-stdin {_registry!.Address}");
        Assert.True(login.ExitCode == 0, login.Error);
        await _host.OkAsync(push);
        await _host.OkAsync("logout", "--authfile", AuthFile, _registry.Address);
        await _host.FailAsync(push);
    }

    [Fact]
    public async Task Registry_that_is_not_there_is_named()
    {
        await _host.ImportBusyboxAsync("tools");
        var error = await _host.FailAsync("push", "tools", "127.0.0.1:1/tools");
        Assert.Contains("pushing to 127.0.0.1:1/tools: skopeo: ", error, StringComparison.Ordinal);
        Assert.Contains("the registry can't be reached", error, StringComparison.Ordinal);
        Assert.Contains("localhost means images of this host", await _host.FailAsync("push", "localhost/tools"), StringComparison.Ordinal);
    }

    private async Task<string> PushArchiveAsync(string name)
    {
        await _host.OkAsync("container", "checkpoint", "-R", "-e", Archive, "original");
        return await _host.OkAsync("archive", "push", PlainHttp, Archive, name);
    }

    private async Task<string> PushImageAsync(string name)
    {
        await _host.OkAsync("container", "checkpoint", "-R", "--create-image", "made", "original");
        return await _host.OkAsync("push", PlainHttp, "made", name);
    }

    private async Task StartAsync(bool withLogin = false) =>
        _registry = await LocalRegistry.StartAsync(_host.PathOf("registry"), withLogin);

    private string Name(string name) => $"{_registry!.Address}/{name}";
}
