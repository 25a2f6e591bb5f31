using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>
/// A checkpoint image on a registry, whose container runs before its memory has been fetched: it finds every byte of it, or is killed.
/// </summary>
public sealed class RegistryMemoryTests : IAsyncLifetime
{
    private const string PlainHttp = "--tls-verify=false";

    private readonly StasisHost _host = new();
    private LocalRegistry? _registry;
    private string _digest = "";

    private string Image => $"{_registry!.Address}/lazy@{_digest}";

    private string Gate => _host.PathOf("gate");

    private string AuthFile => _host.PathOf("auth.json");

    private bool IsIncomplete =>
        Directory.GetFiles(Path.Combine(_host.Root, "checkpoints"), "filling", SearchOption.AllDirectories).Length > 0;

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync("lazy", "lazy");

    public async ValueTask DisposeAsync()
    {
        _registry?.GoOn();
        _registry?.Dispose();
        File.Delete(Gate);
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task All_memory_is_found_and_fetched_once()
    {
        await PushAsync(LongForm.IsAsked ? "512" : "128");

        await RestoreAsync("copy");

        await WholeAsync("copy");
        Assert.DoesNotContain(_registry!.Address, await _host.OkAsync("images"), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => !IsIncomplete, "all memory to be fetched");
        _registry.Dispose();
        await RestoreAsync("second");
        await WholeAsync("second");
    }

    /// <summary>What is waited for comes when the registry answers again; meanwhile the program only waits.</summary>
    [Fact]
    public async Task A_registry_that_does_not_answer_for_a_while_is_waited_for()
    {
        await PushAsync("64");
        var gate = await RestorePausedAsync("copy");
        _registry!.Stop();
        File.Delete(gate);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.True(IsIncomplete);

        _registry.GoOn();

        await WholeAsync("copy");
    }

    [Fact]
    public async Task Copies_at_once_share_what_is_fetched()
    {
        await PushAsync("64", "48");
        var names = Enumerable.Range(1, 4).Select(number => $"copy-{number}").ToList();

        await Task.WhenAll(names.Select(RestoreAsync));

        foreach (var name in names)
            await WholeAsync(name);
        Assert.Single(Directory.GetDirectories(Path.Combine(_host.Root, "checkpoints")));
    }

    /// <summary>The registry has other bytes than those that were pushed.</summary>
    [Theory]
    [InlineData("first")]
    [InlineData("middle")]
    [InlineData("tables")]
    public async Task Changed_bytes_never_get_into_a_container(string where)
    {
        await PushAsync("64");
        var gate = where == "middle" ? await RestorePausedAsync("copy") : "";
        Change(where);
        if (where != "middle")
        {
            Assert.NotEqual(0, (await TryRestoreAsync("copy", [])).ExitCode);
            Assert.Equal("", await _host.OkAsync("ps", "-aq"));
            return;
        }

        File.Delete(gate);

        await Eventually.GetAsync(() => _host.InspectAsync("copy", "{{.State.Status}} {{.State.ExitCode}}"), state => state == "exited 137");
        var logs = await _host.RunAsync("logs", "copy");
        Assert.DoesNotContain("WRONG", logs.Output, StringComparison.Ordinal);
        Assert.Contains("memory could no longer be supplied", logs.Error, StringComparison.Ordinal);
    }

    /// <summary>The page server finds name and password by itself, and again when the registry asks anew.</summary>
    [Fact]
    public async Task A_private_registry_is_read_after_a_login()
    {
        await StartAsync(withLogin: true);
        var login = await _host.ShellAsync(
            $"echo {LocalRegistry.Password} | {_host.Line} login {PlainHttp} --authfile {AuthFile} -u {LocalRegistry.User} "
            + $"--password-stdin {_registry!.Address}");
        Assert.True(login.ExitCode == 0, login.Error);
        await CheckpointAndPushAsync(["64"], "--authfile", AuthFile);
        Assert.NotEqual(0, (await TryRestoreAsync("refused", [])).ExitCode);

        Assert.Equal("", (await TryRestoreAsync("copy", ["--authfile", AuthFile])).Error);

        await WholeAsync("copy");
        Assert.DoesNotContain(_registry.Address, await _host.OkAsync("images"), StringComparison.Ordinal);
    }

    /// <summary>As on Docker Hub. The first token has long expired when the page server asks for the last part.</summary>
    [Fact]
    public async Task A_registry_that_asks_for_tokens_gets_them()
    {
        using var tokens = new TokenService(_host.Folder);
        _registry = await LocalRegistry.StartAsync(_host.PathOf("registry"), tokens: tokens);
        await File.WriteAllTextAsync(
            AuthFile,
            $$$"""{"auths": {"{{{_registry.Address}}}": {"auth": "{{{LocalRegistry.Credentials}}}"} } }""",
            TestContext.Current.CancellationToken);
        await CheckpointAndPushAsync(["64"], "--authfile", AuthFile);
        tokens.Seconds = -40;
        var gate = await RestorePausedAsync("copy", "--authfile", AuthFile);
        var issued = tokens.Issued;
        await Task.Delay(TimeSpan.FromSeconds(22), TestContext.Current.CancellationToken);

        File.Delete(gate);

        await WholeAsync("copy");
        Assert.True(tokens.Issued > issued);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_certificate_is_verified(bool isTrusted)
    {
        var certificate = WriteCertificate();
        _registry = await LocalRegistry.StartAsync(_host.PathOf("registry"), certificate: certificate);
        await CheckpointAndPushAsync(["64"]);
        string[] environment = [$"SSL_CERT_FILE={(isTrusted ? certificate : "/dev/null")}"];

        var restored = await _host.RunWithAsync(environment, "container", "restore", $"docker://{Image}", "-n", "copy", "--lazy");

        if (!isTrusted)
        {
            Assert.Contains("certificate", restored.Error, StringComparison.Ordinal);
            return;
        }
        Assert.True(restored.Error.Length == 0, restored.Error);
        await WholeAsync("copy");
        Assert.DoesNotContain(_registry.Address, await _host.OkAsync("images"), StringComparison.Ordinal);
    }

    private async Task PushAsync(params string[] memory)
    {
        await StartAsync(withLogin: false);
        await CheckpointAndPushAsync(memory);
    }

    private async Task StartAsync(bool withLogin) => _registry = await LocalRegistry.StartAsync(_host.PathOf("registry"), withLogin);

    private async Task CheckpointAndPushAsync(string[] memory, params string[] options)
    {
        await _host.OkAsync(["run", "-d", "--name", "original", "lazy", "lazy", .. memory]);
        await SeesAsync("original", "filled");
        _digest = await _host.OkAsync(
            ["container", "checkpoint", "-R", "--push", $"{_registry!.Address}/lazy:v1", PlainHttp, .. options, "original"]);
        await _host.OkAsync("rm", "-f", "-t", "0", "original");
    }

    // Of 127.0.0.1, with its key beside it.
    private string WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=registry", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var path = _host.PathOf("registry.pem");
        File.WriteAllText(path, made.ExportCertificatePem());
        File.WriteAllText(path + ".key", key.ExportECPrivateKeyPem());
        return path;
    }

    private async Task RestoreAsync(string name) => Assert.Equal("", (await TryRestoreAsync(name, [])).Error);

    private Task<Linux.Processes.ProgramResult> TryRestoreAsync(string name, string[] options, params string[] environment) =>
        _host.RunWithAsync(environment, ["container", "restore", PlainHttp, $"docker://{Image}", "-n", name, "--lazy", .. options]);

    // Only what is touched is fetched until the file that is returned is removed.
    private async Task<string> RestorePausedAsync(string name, params string[] options)
    {
        await File.WriteAllTextAsync(Gate, "", TestContext.Current.CancellationToken);
        var restored = await TryRestoreAsync(name, options, $"STASIS_FAULT=pages.background=wait:{Gate}");
        Assert.True(restored.ExitCode == 0, restored.Error);
        return Gate;
    }

    private void Change(string where)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(_registry!.Blob(_digest)));
        var layer = manifest.RootElement.GetProperty("layers")[0];
        var size = layer.GetProperty("size").GetInt64();
        using var blob = File.Open(_registry.Blob(layer.GetProperty("digest").GetString()!), FileMode.Open, FileAccess.ReadWrite);
        var (from, to) = where switch
        {
            "first" => (20, 21),
            "tables" => (size - 40, size - 39),
            _ => (size / 4, size * 3 / 4), // most of the memory
        };
        var bytes = new byte[to - from];
        blob.Position = from;
        blob.ReadExactly(bytes);
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] ^= 0x55;
        blob.Position = from;
        blob.Write(bytes);
    }

    private async Task WholeAsync(string name)
    {
        var log = await Eventually.GetAsync(() => _host.OkAsync("logs", name),
            lines => lines.Contains("whole", StringComparison.Ordinal) || lines.Contains("WRONG", StringComparison.Ordinal));
        Assert.DoesNotContain("WRONG", log, StringComparison.Ordinal);
    }

    private Task<string> SeesAsync(string name, string text) =>
        Eventually.GetAsync(() => _host.OkAsync("logs", name), log => log.Split('\n').Contains(text));
}
