using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>Copies: of a running container, of an archive, many at once; and what they know of themselves.</summary>
public sealed class CloneTests : IAsyncLifetime
{
    private const string Identity = "/run/.stasis/identity.json";

    private readonly StasisHost _host = new(networks: true);

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Copies_of_a_running_container_each_have_a_name_ID_hostname_and_address()
    {
        await _host.StartCounterAsync("web", "--network", "podman", "-p", "8080:80");
        var table = await _host.OkAsync("clone", "web", "--name", "one", "--name", "two", "--name", "three");

        Assert.StartsWith("NAME", table, StringComparison.Ordinal);
        Assert.Equal(["one", "three", "two"], table.Split('\n')[1..].Select(line => line.Split(' ')[0]).Order());
        Assert.All(table.Split('\n')[1..], line => Assert.Matches(@"^\w+ +[0-9a-f]{12}  \d+\.\d\d s +running$", line));
        string[] all = ["web", "one", "two", "three"];
        foreach (var name in all)
        {
            await _host.CountsOnAsync(name);
            await _host.CountedWithoutGapAsync(name);
        }
        Assert.Equal(4, (await Task.WhenAll(all.Select(name => _host.InspectAsync(name, "{{.Id}}")))).Distinct().Count());
        Assert.Equal(4,
            (await Task.WhenAll(all.Select(name => _host.InspectAsync(name, "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"))))
                .Distinct()
                .Count());
        Assert.Equal("two", await _host.OkAsync("exec", "two", "hostname"));

        // The checkpoint goes with the last of them.
        Assert.Single((await _host.OkAsync("checkpoint", "ls", "-q")).Split('\n'));
        await _host.OkAsync("rm", "-f", "one", "two", "three");
        Assert.Equal("", await _host.OkAsync("checkpoint", "ls", "-q"));
    }

    [Fact]
    public async Task Sixteen_copies_of_an_archive_with_one_command()
    {
        await _host.StartCounterAsync("web");
        await _host.OkAsync("checkpoint", "-e", _host.PathOf("web.tar.zst"), "web");
        await _host.OkAsync("restore", "-i", _host.PathOf("web.tar.zst"), "--replicas", "16", "--name-template", "web-{n}");
        for (var n = 1; n <= 16; n++)
        {
            await _host.CountsOnAsync($"web-{n}");
            Assert.Equal(n, (await IdentityAsync($"web-{n}")).GetProperty("copy").GetInt32());
        }
        // The numbers go on.
        await _host.OkAsync("restore", "-i", _host.PathOf("web.tar.zst"), "--replicas", "2", "--name-template", "web-{n}");
        await _host.CountsOnAsync("web-18");
    }

    [Fact]
    public async Task A_copy_of_a_volume_for_each()
    {
        await _host.OkAsync(
            "run",
            "-d",
            "--name",
            "db",
            "-v",
            "data:/data",
            "busybox",
            "sh",
            "-c",
            "echo first >/data/file; i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done");
        await _host.CountsBeyondAsync("db", 2);
        await _host.OkAsync("clone", "db", "--replicas", "2", "--volume", "data=data-{n}");
        await _host.OkAsync("exec", "db-1", "sh", "-c", "echo second >/data/file");
        Assert.Equal(["first", "second", "first"],
            [
                await _host.OkAsync("exec", "db", "cat", "/data/file"), await _host.OkAsync("exec", "db-1", "cat", "/data/file"),
                await _host.OkAsync("exec", "db-2", "cat", "/data/file")
            ]);
    }

    [Fact]
    public async Task Copies_that_would_share_a_volume_are_refused_before_the_original_is_frozen()
    {
        await _host.OkAsync("run", "-d", "--name", "db", "-v", "data:/data", "busybox", "sh", "-c", "while :; do sleep 1; done");
        // Frozen, it would end at this point.
        var result = await _host.RunWithAsync(["STASIS_FAULT=clone.frozen=kill"], "clone", "db", "--replicas", "2", "--volume", "data=d");
        Assert.Equal(125, result.ExitCode);
        Assert.StartsWith("Error: the copies db-1 and db-2 would both have the volume d\ngive each its own, with {n}", result.Error,
            StringComparison.Ordinal);
        result = await _host.RunWithAsync(["STASIS_FAULT=clone.frozen=kill"], "clone", "db", "--name", "x");
        Assert.StartsWith("Error: volume with name data already exists: container db: the copy of volume data would be made as it", result.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_template_copies_of_an_archive_are_numbered_too()
    {
        await _host.StartCounterAsync("web");
        await _host.OkAsync("checkpoint", "-R", "-e", _host.PathOf("web.tar"), "web");
        Assert.Equal(2, (await _host.OkAsync("restore", "-q", "-i", _host.PathOf("web.tar"), "--replicas", "2")).Split('\n').Length);
        await _host.OkAsync("clone", "web", "--replicas", "1");
        await _host.OkAsync("restore", "-i", _host.PathOf("web.tar"), "--replicas", "1", "--name-template", "x-{name}-{n}");
        Assert.Equal(["web", "web-1", "web-2", "web-3", "x-web-1"],
            (await _host.OkAsync("ps", "--format", "{{.Names}}")).Split('\n').Order());
    }

    [Fact]
    public async Task A_name_that_is_taken_is_that_copys_own_failure()
    {
        await _host.StartCounterAsync("web");
        await _host.OkAsync("clone", "web", "--name", "web-2");
        var result = await _host.RunAsync("clone", "-q", "web", "--name", "web-2", "--name", "web-9", "--keep-going");
        Assert.Equal(125, result.ExitCode);
        Assert.Contains("web-2", result.Error, StringComparison.Ordinal);
        Assert.Equal(await _host.InspectAsync("web-9", "{{.Id}}"), result.Output.Trim());
        await _host.CountsOnAsync("web-9");
        Assert.Contains("web-2", await _host.FailAsync("clone", "web", "--name", "web-2", "--keep-going"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_or_none()
    {

        await _host.StartCounterAsync("web");
        var quiet = await _host.RunAsync("clone", "-q", "web", "--name", "one", "--name", "two", "--exec", "test $(hostname) = one");
        Assert.Equal((125, ""), (quiet.ExitCode, quiet.Output));
        var loud = await _host.RunAsync("clone", "web", "--name", "one", "--name", "two", "--exec", "test $(hostname) = one");
        Assert.Equal(125, loud.ExitCode);
        Assert.Contains("copy two: --exec in container two: exit code 1", loud.Error, StringComparison.Ordinal);
        // It may have run before the other failed.
        Assert.True(loud.Output.Contains("undone", StringComparison.Ordinal) == loud.Output.Contains("running", StringComparison.Ordinal),
            loud.Output);
        Assert.Equal("web", await _host.OkAsync("ps", "-a", "--format", "{{.Names}}"));
        Assert.Equal("", await _host.OkAsync("checkpoint", "ls", "-q"));

        await _host.FailAsync("clone", "web", "--name", "one", "--name", "two", "--keep-going", "--exec", "test $(hostname) = one");
        Assert.Equal(["one", "web"], (await _host.OkAsync("ps", "-a", "--format", "{{.Names}}")).Split('\n').Order());
        await _host.CountsOnAsync("web");
    }

    [Fact]
    public async Task One_that_is_checkpointed_in_place_is_copied_as_it_is()
    {
        await _host.StartCounterAsync("web");
        await _host.OkAsync("checkpoint", "web");
        await _host.OkAsync("clone", "web", "--name", "copy");
        await _host.CountedWithoutGapAsync("copy");
        Assert.Equal("exited", await _host.InspectAsync("web", "{{.State.Status}}"));
        await _host.OkAsync("restore", "web");
        await _host.CountsOnAsync("web");
    }

    [Fact]
    public async Task A_copy_of_a_copy_has_what_both_changed()
    {
        await _host.StartCounterAsync("a");
        await _host.OkAsync("exec", "a", "sh", "-c", "echo a >/a; echo x >/x; mkdir /d; echo y >/d/y; rm /etc/group; ln /x /x2");
        await _host.OkAsync("clone", "a", "--name", "b");
        await _host.OkAsync("exec", "b", "sh", "-c", "rm /a; rm -r /d; mkdir /d; echo b >/d/b; echo more >>/x2; echo back >/etc/group");
        await _host.OkAsync("clone", "b", "--name", "c");
        Assert.Equal("x\nmore", await _host.OkAsync("exec", "c", "cat", "/x"));
        Assert.Equal("b", await _host.OkAsync("exec", "c", "ls", "/d"));
        Assert.Equal("back", await _host.OkAsync("exec", "c", "cat", "/etc/group"));
        var changes = (await _host.OkAsync("diff", "c")).Split('\n');
        Assert.Equal((await _host.OkAsync("diff", "b")).Split('\n').Except(["C /tmp"]).Order(), changes.Except(["C /tmp"]).Order());
        Assert.DoesNotContain("D /a", changes);
    }

    [Fact]
    public async Task Identity_of_a_copy_is_in_a_file_that_the_copy_cannot_change()
    {
        await _host.OkAsync("run", "-d", "--name", "web", "busybox", "sh", "-c",
            $"first=$(sha256sum {Identity}); trap 'echo told' HUP; while [ \"$(sha256sum {Identity})\" = \"$first\" ]; do sleep 0.05; "
                + $"done; cat {Identity}; while :; do sleep 0.1; done");
        var before = await IdentityAsync("web");
        Assert.Equal(("web", 0), (before.GetProperty("name").GetString(), before.GetProperty("generation").GetInt32()));

        await _host.OkAsync("clone", "web", "--name", "copy", "--env", "ROLE=test", "--signal", "HUP");
        var seen =
            JsonDocument.Parse(await Eventually.GetAsync(() => LogAsync("copy"),
                log => log.Contains('}', StringComparison.Ordinal))).RootElement;
        Assert.Equal(("copy", await _host.InspectAsync("copy", "{{.Id}}")),
            (seen.GetProperty("name").GetString(), seen.GetProperty("id").GetString()));
        Assert.Equal((1, 1, "test", "copy"),
            (seen.GetProperty("generation").GetInt32(), seen.GetProperty("copy").GetInt32(),
                seen.GetProperty("env").GetProperty("ROLE").GetString(), seen.GetProperty("hostname").GetString()));
        await Eventually.GetAsync(() => _host.OkAsync("logs", "copy"), log => log.Contains("told", StringComparison.Ordinal));
        Assert.NotEqual(0, (await _host.RunAsync("exec", "copy", "sh", "-c", $"echo x >{Identity}")).ExitCode);
        Assert.Equal(0, (await IdentityAsync("web")).GetProperty("generation").GetInt32());
        await _host.OkAsync("clone", "copy", "--name", "second");
        Assert.Equal(2, (await IdentityAsync("second")).GetProperty("generation").GetInt32());

        async Task<string> LogAsync(string name) =>
            string.Concat((await _host.OkAsync("logs", name)).Split('\n').Where(line => line != "told"));
    }

    [Theory]
    [InlineData("store.moved")]
    [InlineData("store.added")]
    [InlineData("clone.frozen")]
    [InlineData("restore.inserted")]
    [InlineData("clone.copied")]
    public async Task Killed_on_its_way_the_original_runs_and_nothing_half_made_is_left(string step)
    {
        await _host.StartCounterAsync("web");
        Assert.Equal(128 + 9, (await _host.RunWithAsync([$"STASIS_FAULT={step}=kill"], "clone", "web", "--name", "one")).ExitCode);

        await _host.CountsOnAsync("web");
        var copies = (await _host.OkAsync("ps", "-a", "--format", "{{.Names}}")).Split('\n').Except(["web"]).ToList();
        Assert.Equal(step == "clone.copied" ? ["one"] : [], copies);
        Assert.Equal(copies.Count,
            (await _host.OkAsync("checkpoint", "ls", "-q")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(copies.Count, Directory.GetDirectories(Path.Combine(_host.Root, "checkpoints")).Length);
        await _host.OkAsync("clone", "web", "--name", "two");
        await _host.CountsOnAsync("two");
    }

    private async Task<JsonElement> IdentityAsync(string name) =>
        JsonDocument.Parse(await _host.OkAsync("exec", name, "cat", Identity)).RootElement;
}
