using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests;

/// <summary>Lists, inspections and their formats, what a container changed, and what tidies up.</summary>
public sealed class FormatTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Containers_in_every_format()
    {
        await _host.OkAsync(
            "run",
            "-d",
            "--name",
            "a",
            "--label",
            "kind=test",
            "--label",
            "b=1",
            "-v",
            "data:/data",
            "busybox",
            "sleep",
            "1000");
        await _host.OkAsync("run", "--name", "b", "busybox", "true");
        Assert.Equal("""
            NAMES       STATE       LABELS
            b           exited
            a           running     b=1,kind=test
            """, await _host.OkAsync("ps", "-a", "--sort", "status", "--format", "table {{.Names}} {{.State}} {{.Labels}}"));
        Assert.Equal("a,b,", await _host.OkAsync("ps", "-a", "--sort", "names", "--format", "{{range .}}{{.Names}},{{end}}"));
        Assert.Equal("a test [/data]", await _host.OkAsync("ps", "--format", "{{.Names}} {{.Label \"kind\"}} {{.Mounts}}"));
        Assert.StartsWith("CONTAINER ID  IMAGE ", await _host.OkAsync("ps", "-a", "--format", "table"), StringComparison.Ordinal);
        Assert.Equal(2, (await _host.OkAsync("ps", "-a", "--noheading")).Split('\n').Length);
        using var rows = JsonDocument.Parse(await _host.OkAsync("ps", "-as", "--format", "{{json .}}"));
        Assert.Equal(["a", "b"], rows.RootElement.EnumerateArray().Select(row => row.GetProperty("Names")[0].GetString()));
        Assert.True(rows.RootElement[0].GetProperty("Size").GetProperty("rootFsSize").GetInt64() > 100_000);
        Assert.Equal("a",
            await _host.OkAsync("ps", "-a", "--filter", "volume=data", "--filter", "ancestor=busybox", "--format", "{{.Names}}"));
        Assert.Equal("b", await _host.OkAsync("ps", "-a", "--filter", "since=a", "--filter", "exited=0", "--format", "{{.Names}}"));
        Assert.Contains("can't evaluate field Nope", await _host.FailAsync("ps", "--format", "{{.Nope}}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspections_by_template()
    {
        var id = await _host.OkAsync(
            "run",
            "-d",
            "--name",
            "a",
            "-v",
            "data:/data:ro",
            "--cap-add",
            "NET_ADMIN",
            "--tmpfs",
            "/scratch",
            "busybox",
            "sleep",
            "1000");
        Assert.Equal($"{id} sleep [1000] false <nil>",
            await _host.InspectAsync("a", "{{.ID}} {{.Path}} {{.Args}} {{.State.Checkpointed}} {{.State.Health}}"));
        Assert.Equal("volume:data:/data:false",
            await _host.InspectAsync("a", "{{range .Mounts}}{{.Type}}:{{.Name}}:{{.Destination}}:{{.RW}}{{end}}"));
        Assert.Equal("[\"CAP_NET_ADMIN\"] /scratch",
            await _host.InspectAsync("a", "{{json .HostConfig.CapAdd}} {{range $path, $options := .HostConfig.Tmpfs}}{{$path}}{{end}}"));
        Assert.Equal("none", await _host.InspectAsync("a", "{{range $name, $network := .NetworkSettings.Networks}}{{$name}}{{end}}"));
        Assert.Equal("local 1", await _host.OkAsync("inspect", "--type", "volume", "-f", "{{.Driver}} {{.MountCount}}", "data"));
        Assert.Equal("[localhost/busybox:latest] layers 1",
            await _host.OkAsync("image", "inspect", "-f", "{{.RepoTags}} {{.RootFS.Type}} {{len .RootFS.Layers}}", "busybox"));
        Assert.Equal("[]", (await _host.RunAsync("inspect", "nope")).Output.Trim());
    }

    [Fact]
    public async Task Diff_lists_changes_of_a_container()
    {
        await _host.OkAsync(
            "run",
            "--name",
            "a",
            "busybox",
            "sh",
            "-c",
            "echo x >/etc/passwd; rm /bin/ash; rm -r /var; mkdir /var; echo new >/var/file; mkdir /added; echo y >/added/file");
        var lines = (await _host.OkAsync("diff", "a")).Split('\n');
        Assert.Equal(
            ["C /bin", "D /bin/ash", "A /added", "A /added/file", "C /etc", "C /etc/passwd", "C /var", "D /var/tmp", "A /var/file"],
                lines.OrderBy(Order));
        using var json = JsonDocument.Parse(await _host.OkAsync("diff", "--format", "json", "a"));
        Assert.Equal(["/bin/ash", "/var/tmp"], json.RootElement.GetProperty("deleted").EnumerateArray().Select(path => path.GetString()));

        static int Order(string line) =>
            Array.FindIndex(["/bin", "/added", "/etc", "/var"], folder => line[2..].StartsWith(folder, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Asking_and_tidying_up()
    {
        await _host.OkAsync("run", "-d", "--name", "runs", "busybox", "sleep", "1000");
        await _host.OkAsync("create", "--name", "new", "--label", "keep", "busybox", "true");
        var ended = await _host.OkAsync("create", "--name", "ended", "busybox", "true");
        await _host.OkAsync("container", "exists", "runs");
        await _host.OkAsync("image", "exists", "busybox");
        Assert.Equal(1, (await _host.RunAsync("container", "exists", "nope")).ExitCode);
        Assert.Equal(1, (await _host.RunAsync("image", "exists", "nope")).ExitCode);
        Assert.Equal(1, (await _host.RunAsync("volume", "exists", "nope")).ExitCode);

        Assert.Equal(ended, await _host.OkAsync("container", "prune", "-f", "--filter", "label!=keep"));
        Assert.Equal("", await _host.OkAsync("image", "prune", "-af"));
        Assert.Equal("new runs", await _host.OkAsync("ps", "-a", "--sort", "names", "--format", "{{range .}}{{.Names}} {{end}}"));
        await _host.OkAsync("rm", "-fa", "-t", "0");
        Assert.Equal(64, (await _host.OkAsync("image", "prune", "-af")).Length);
        Assert.Equal("", await _host.OkAsync("images", "-q"));
    }
}
