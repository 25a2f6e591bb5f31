using System.Security.Cryptography;
using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Packaging;

/// <summary>
/// The image that installs Stasis on Kubernetes nodes, run as <c>deploy/kubernetes/daemonset.yaml</c> runs it. Folders stand for those of
/// the node.
/// </summary>
public sealed class NodeImageTests : IAsyncLifetime
{
    private const string Containerd = "etc/containerd/config.toml", ContainerdDropIn = "etc/containerd/conf.d/stasis.toml";
    private const string CriODropIn = "etc/crio/crio.conf.d/stasis.conf";

    private const string ImportingConfig = """
        # version = 2
        version = 3
        imports = [
          '/etc/containerd/conf.d/*.toml', # drop-in files
        ]
        """;

    private readonly StasisHost _host = new();
    private string _image = "";

    private string Node => _host.PathOf("node");

    public async ValueTask InitializeAsync()
    {
        _image = await NodeImage.MakeAsync();
        await _host.OkAsync("load", "-i", NodeImage.Archive);
        foreach (var folder in (string[])["usr/local", "etc"])
            Directory.CreateDirectory(Path.Combine(Node, folder));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Archive_is_an_OCI_image_with_the_same_bytes_each_time()
    {
        using var inspected = JsonDocument.Parse(await _host.OnHostAsync("skopeo", "inspect", $"oci-archive:{NodeImage.Archive}"));
        Assert.Equal("amd64", inspected.RootElement.GetProperty("Architecture").GetString());
        Assert.Single(inspected.RootElement.GetProperty("Layers").EnumerateArray());
        using var config = JsonDocument.Parse(
            await _host.OnHostAsync("skopeo", "inspect", "--config", $"oci-archive:{NodeImage.Archive}"));
        Assert.Equal("/bin/stasis-node", config.RootElement.GetProperty("config").GetProperty("Entrypoint")[0].GetString());
        Assert.Contains(_image, await _host.OkAsync("images", "--format", "{{.Repository}}:{{.Tag}}"), StringComparison.Ordinal);

        var first = await HashAsync();
        await RepositoryScript.RunAsync("image.sh");
        Assert.Equal(first, await HashAsync());
    }

    [Fact]
    public async Task Programs_run_from_where_they_were_installed_and_nothing_is_left_after_uninstall()
    {
        var installed = await RunAsync("install");
        Assert.Contains("installed Stasis", installed, StringComparison.Ordinal);
        Assert.Contains("neither /etc/containerd nor /etc/crio is there", installed, StringComparison.Ordinal);
        var files = List();
        var times = files.ToDictionary(file => file, file => File.GetLastWriteTimeUtc(Path.Combine(Node, file)));
        Write("usr/local/lib/stasis/node/lib-of-another-version/libc.so.6", "");
        Assert.Contains("is installed already", await RunAsync("install"), StringComparison.Ordinal);
        Assert.Equal(files, List());
        Assert.All(
            files.Where(file => !file.EndsWith("made-folders", StringComparison.Ordinal)),
            file => Assert.Equal(times[file], File.GetLastWriteTimeUtc(Path.Combine(Node, file))));

        var version = await _host.OnHostAsync(StasisHost.Binary, "version");
        Assert.Equal(version, await OnNodeAsync("stasis version"));
        Assert.StartsWith("runc version", await OnNodeAsync("stasis-runtime --version"), StringComparison.Ordinal);
        Assert.StartsWith("skopeo version", await OnNodeAsync("/usr/local/lib/stasis/node/bin/skopeo --version"), StringComparison.Ordinal);
        var prove = Path.Combine(RepositoryScript.Repository, "eng/prove-criu.sh");
        Assert.Equal("", await OnNodeAsync($"{prove} /usr/local/lib/stasis/bin/criu"));

        await RunAsync("uninstall");
        Assert.Empty(List());
        Assert.Contains("nothing is installed", await RunAsync("uninstall"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Engines_get_drop_in_files_once()
    {
        Write(Containerd, ImportingConfig);
        Directory.CreateDirectory(Path.Combine(Node, "etc/crio"));
        var output = await RunAsync("install");
        Assert.Contains("restart containerd", output, StringComparison.Ordinal);
        Assert.Contains("restart CRI-O", output, StringComparison.Ordinal);
        Assert.Contains(ReadSample("containerd-config.toml"), Read(ContainerdDropIn), StringComparison.Ordinal);
        Assert.Contains(ReadSample("crio.conf"), Read(CriODropIn), StringComparison.Ordinal);
        Assert.DoesNotContain("restart", await RunAsync("install"), StringComparison.Ordinal);

        await RunAsync("uninstall");
        Assert.Equal([Containerd], List());
        Assert.False(Directory.Exists(Path.Combine(Node, "etc/containerd/conf.d")));
    }

    [Fact]
    public async Task Files_of_others_are_kept()
    {
        Write(Containerd, ImportingConfig);
        Write(ContainerdDropIn, "# mine\n");
        Write(CriODropIn, "# mine, too\n");
        Write("usr/local/lib/stasis/bin/criu", "the node's own");
        var before = List();
        var output = await RunAsync("install");
        foreach (var kept in (string[])[ContainerdDropIn, CriODropIn, "usr/local/lib/stasis/bin/criu"])
            Assert.Contains($"kept /{kept}", output, StringComparison.Ordinal);
        await RunAsync("uninstall");
        Assert.Equal(before, List());
        Assert.Equal("# mine\n", Read(ContainerdDropIn));
        Assert.Equal("# mine, too\n", Read(CriODropIn));
        Assert.Equal("the node's own", Read("usr/local/lib/stasis/bin/criu"));
    }

    [Fact]
    public async Task Another_stasis_is_not_replaced()
    {
        Write("usr/local/bin/stasis", "another");
        var failed = await TryRunAsync("install");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("/usr/local/bin/stasis on the node was not installed by this image", failed.Error, StringComparison.Ordinal);
        Assert.Equal(["usr/local/bin/stasis"], List());
    }

    /// <summary>A drop-in file would not be read, would take other settings away, or would keep containerd from starting.</summary>
    [Theory]
    [InlineData("version = 2\nimports = ['/etc/containerd/conf.d/*.toml']\n")]
    [InlineData("version = 3\n# imports = ['/etc/containerd/conf.d/*.toml']\n")]
    [InlineData(null)]
    public async Task Containerd_that_reads_no_drop_in_files_is_reported(string? config)
    {
        Directory.CreateDirectory(Path.Combine(Node, "etc/containerd"));
        if (config is not null)
            Write(Containerd, config);
        var failed = await TryRunAsync("install");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("/etc/containerd/config.toml must begin with", failed.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Node, ContainerdDropIn)));
        await RunAsync("uninstall");
    }

    [Fact]
    public async Task Handler_that_is_there_already_is_enough()
    {
        Write(Containerd, "version = 3\n" + ReadSample("containerd-config.toml").Split("version = 3\n")[1]);
        Assert.Contains("containerd has the handler stasis", await RunAsync("install"), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Node, ContainerdDropIn)));
        await RunAsync("uninstall");
    }

    [Fact]
    public async Task Checkpoint_needs_the_nodes_processes()
    {
        var failed = await TryRunAsync("checkpoint", "--engine", "containerd", "--push", "registry.example.com/web", "web");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("hostPID: true", failed.Error, StringComparison.Ordinal);
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var result = await TryRunAsync(arguments);
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        return result.Output;
    }

    private Task<ProgramResult> TryRunAsync(params string[] arguments) => _host.RunAsync(
    [
        "run", "--rm", "--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges",
        "-v", $"{Node}/usr/local:/host/usr/local", "-v", $"{Node}/etc:/host/etc", _image, .. arguments,
    ]);

    // As if the node's /usr/local were this host's.
    private async Task<string> OnNodeAsync(string script)
    {
        var result = await _host.ShellAsync(
            $"unshare --mount --propagation private bash -c 'mount --bind {Node}/usr/local /usr/local && {script}'");
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        return result.Output.Trim();
    }

    private List<string> List() =>
    [
        .. Directory.EnumerateFiles(Node, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Node, path)).Order(StringComparer.Ordinal),
    ];

    private void Write(string file, string content)
    {
        var path = Path.Combine(Node, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(Node, file));

    private static string ReadSample(string file) =>
        File.ReadAllText(Path.Combine(RepositoryScript.Repository, "deploy/kubernetes", file));

    private static async Task<string> HashAsync()
    {
        await using var file = File.OpenRead(NodeImage.Archive);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, TestContext.Current.CancellationToken));
    }
}
