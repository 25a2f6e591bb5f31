using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests;

/// <summary>Named volumes: their own commands, and what becomes of them when containers are frozen and brought back.</summary>
public sealed class VolumeTests : IAsyncLifetime
{
    private const string Script = "echo archived >/data/file; exec 3</data/file; i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done";

    private readonly StasisHost _host = new();

    private string Archive => _host.PathOf("archive.tar");

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_commands_are_Podmans()
    {
        Assert.Equal("data", await _host.OkAsync("volume", "create", "-l", "use=test", "data"));
        Assert.Equal("data", await _host.OkAsync("volume", "create", "--ignore", "data"));
        Assert.Contains("already exists", await _host.FailAsync("volume", "create", "data"), StringComparison.Ordinal);
        var unnamed = await _host.OkAsync("volume", "create");
        Assert.Equal("data", await _host.OkAsync("volume", "ls", "-q", "--filter", "label=use=test"));
        Assert.Equal("DRIVER      VOLUME NAME\nlocal       data", await _host.OkAsync("volume", "ls", "--filter", "name=data"));
        using (var inspected = JsonDocument.Parse(await _host.OkAsync("volume", "inspect", "data")))
            Assert.Equal("test", inspected.RootElement[0].GetProperty("Labels").GetProperty("use").GetString());

        await _host.OkAsync("run", "--rm", "-v", "data:/data", "busybox", "sh", "-c", "echo text >/data/file; chown 1:2 /data/file");
        await _host.OkAsync("volume", "export", "data", "-o", _host.PathOf("data.tar"));
        await _host.OkAsync("volume", "import", unnamed, _host.PathOf("data.tar"));
        Assert.Equal("1:2 text",
            await _host.OkAsync(
                "run",
                "--rm",
                "-v",
                $"{unnamed}:/v",
                "busybox",
                "sh",
                "-c",
                "echo $(stat -c %u:%g /v/file) $(cat /v/file)"));

        await _host.OkAsync("create", "--name", "user", "-v", "data:/data", "busybox", "true");
        Assert.Contains("no answer", await _host.FailAsync("volume", "prune"), StringComparison.Ordinal);
        Assert.Equal(unnamed, await _host.OkAsync("volume", "prune", "-f"));
        Assert.Equal(2, (await _host.RunAsync("volume", "rm", "data")).ExitCode);
        Assert.Equal(1, (await _host.RunAsync("volume", "rm", "nothing")).ExitCode);
        Assert.Equal("data", await _host.OkAsync("volume", "rm", "-f", "data", "nothing"));
        Assert.Equal("", await _host.OkAsync("ps", "-a", "-q"));
    }

    [Fact]
    public async Task A_copy_gets_a_volume_of_its_own()
    {
        await FreezeAsync();
        var refused = await _host.FailAsync("container", "restore", "-i", Archive, "-n", "copy");
        Assert.Contains("--ignore-volumes", refused, StringComparison.Ordinal);
        Assert.Contains("--volume data=NEW", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("copy", await _host.OkAsync("ps", "-a"), StringComparison.Ordinal);

        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy", "--volume", "data=data2");
        Assert.Equal("archived", await _host.OkAsync("exec", "copy", "cat", "/data/file"));
        await _host.OkAsync("exec", "copy", "sh", "-c", "echo changed >/data/file");
        Assert.Equal("archived\n",
            await File.ReadAllTextAsync(Path.Combine(_host.Root, "volumes/data/_data/file"), TestContext.Current.CancellationToken));
        await _host.CountsOnAsync("copy");
    }

    [Fact]
    public async Task One_that_is_there_can_be_used_as_it_is()
    {
        await FreezeAsync("--ignore-volumes");
        // CRIU insists on the length that an open file had.
        await _host.OkAsync("run", "--rm", "-v", "data:/data", "busybox", "sh", "-c", "echo replaced >/data/file");
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy", "--ignore-volumes");
        Assert.Equal("replaced", await _host.OkAsync("exec", "copy", "cat", "/data/file"));
        // An archive without the content can't be restored as if it had it.
        await _host.OkAsync("rm", "-f", "copy", "original");
        await _host.OkAsync("volume", "rm", "data");
        Assert.Contains("volumes/data.tar", await _host.FailAsync("container", "restore", "-i", Archive), StringComparison.Ordinal);
        Assert.Equal("", await _host.OkAsync("volume", "ls", "-q"));
    }

    [Fact]
    public async Task Volumes_of_a_restore_that_was_killed_are_removed()
    {
        await FreezeAsync();
        await _host.RunWithAsync(
            ["STASIS_FAULT=restore.volume=kill"],
            "container",
            "restore",
            "-i",
            Archive,
            "-n",
            "copy",
            "--volume",
            "data=data2");
        Assert.Equal("data", await _host.OkAsync("volume", "ls", "-q"));
        Assert.Equal(["data"], Directory.GetDirectories(Path.Combine(_host.Root, "volumes")).Select(Path.GetFileName));
    }

    private async Task FreezeAsync(params string[] options)
    {
        await _host.OkAsync("run", "-d", "--name", "original", "-v", "data:/data", "busybox", "sh", "-c", Script);
        await _host.CountsBeyondAsync("original", 3);
        await _host.OkAsync(["container", "checkpoint", "-e", Archive, "-c", "none", "original", .. options]);
    }
}
