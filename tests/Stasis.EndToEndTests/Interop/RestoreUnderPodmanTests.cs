using System.Globalization;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Interop;

/// <summary>Unmodified Podman restores an archive by its own run, through stasis-runtime.</summary>
public sealed class RestoreUnderPodmanTests(InteropFixture fixture)
{
    private const string Count = "i=0; while :; do i=$((i+1)); echo $i >/count; echo $i; sleep 0.1; done & echo $! >/child; "
        + "trap 'exit 7' TERM; while :; do sleep 0.1; done";

    private readonly string _name = $"runtime-{Guid.NewGuid():N}"[..20];

    public static TheoryData<bool> Makers => [true, false];

    [Theory]
    [MemberData(nameof(Makers))]
    public async Task Archive_runs_on_and_leaves_nothing(bool isPodmans)
    {
        await fixture.RequireImageAsync("base");
        var (maker, podman) = (isPodmans ? fixture.Podman("runc") : fixture.StasisInPeer("runc"), await MakeRuntimeAsync());
        var archive = Path.Combine(fixture.Exchange, _name + ".tar");
        try
        {
            await maker.OkAsync("run", "-d", "--name", _name, "--hostname", "before", InteropFixture.ImageName("base"), "sh", "-c", Count);
            await CountsBeyondAsync(maker, 3);
            await maker.OkAsync("container", "checkpoint", "--export", archive, _name);
            await maker.OkAsync("rm", _name);

            // Not one instruction before its start.
            await podman.OkAsync("create", "--name", _name, "--hostname", "after", "-v", $"{archive}:/.stasis:ro",
                InteropFixture.ImageName("base"));
            await podman.OkAsync("init", _name);
            Assert.Equal("initialized", await podman.OkAsync("inspect", "-f", "{{.State.Status}}", _name));
            Assert.Equal("", await podman.OkAsync("logs", _name));
            await podman.OkAsync("start", _name);

            await CountsBeyondAsync(podman, 3);
            var counted = (await podman.OkAsync("logs", _name)).Split('\n')
                .Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToList();
            Assert.True(counted[0] > 3, $"began with {counted[0]}");
            Assert.Equal(Enumerable.Range(counted[0], counted.Count), counted);
            Assert.Equal("after", await podman.ShellAsync(_name, "hostname"));
            await podman.OkAsync("pause", _name);
            await podman.OkAsync("unpause", _name);
            await podman.OkAsync("stop", _name);
            Assert.Equal("7", await podman.OkAsync("inspect", "-f", "{{.State.ExitCode}}", _name));
            await podman.OkAsync("rm", _name);
            Assert.Equal("", await InPeerAsync("find /run/stasis-runtime/restored-bundles -mindepth 2"));
        }
        finally
        {
            await maker.RunAsync("rm", "-f", "-t", "0", "--ignore", _name);
            await podman.RunAsync("rm", "-f", "-t", "0", "--ignore", _name);
            File.Delete(archive);
        }
    }

    private async Task CountsBeyondAsync(Side side, int number)
    {
        await Eventually.GetAsync(
            () => side.OkAsync("logs", _name),
            log => int.TryParse(log.Split('\n')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last > number);
    }

    // Podman with stasis-runtime in place of runc.
    private async Task<Side> MakeRuntimeAsync()
    {
        var program = Path.Combine(fixture.Exchange, "stasis-runtime");
        if (!Path.Exists(program))
            File.CreateSymbolicLink(program, "stasis");
        var settings = $$"""{"root": "{{fixture.Exchange}}/runtime-root", "runRoot": "/run/stasis-runtime"}""";
        await InPeerAsync($"mkdir -p /etc/stasis && echo '{settings}' >/etc/stasis/runtime.json");
        return fixture.Podman(program);
    }

    private static async Task<string> InPeerAsync(string script)
    {
        var options = new SpawnOptions { Program = Harness.Peer.Run, Arguments = ["sh", "-c", script] };
        var result = await Spawn.RunAsync(options, Eventually.HangGuard, TestContext.Current.CancellationToken);
        return result.Output.Trim();
    }
}
