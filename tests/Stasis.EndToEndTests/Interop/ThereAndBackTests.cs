using System.Text.Json;
using System.Text.Json.Nodes;
using Stasis.EndToEndTests.Interop.Workloads;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Interop;

/// <summary>One container throughout: Podman freezes it, Stasis brings it back and freezes it, Podman brings it back.</summary>
public sealed class ThereAndBackTests(InteropFixture fixture)
{
    private static readonly string[] Asked =
    [
        "--label", "plain=label", "--label", "odd=a \"b\" {c}: d=e", "--annotation", "org.example/note=kept", "--env", "KEPT=yes",
        "--stop-signal", "SIGUSR1", "--stop-timeout", "7", "--restart", "on-failure:3",
        "--health-cmd", "test -e /tmp/well", "--health-interval", "disable", "--health-retries", "5", "--health-start-period", "17s",
        "--umask", "0027", "--ulimit", "nofile=500:600",
        "--hostname", "kept.example", "--add-host", "other:10.1.2.3", "--shm-size", "8m", "--oom-score-adj", "100",
    ];

    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public async Task A_container_of_Podmans_comes_back_as_it_was(string runtime)
    {
        await fixture.RequireImageAsync("base");
        var (podman, stasis) = (fixture.Podman(runtime), fixture.Stasis(runtime));
        var name = $"there-{Guid.NewGuid():N}"[..20];
        var (there, back) = (Path.Combine(fixture.Exchange, name + "-there.tar"), Path.Combine(fixture.Exchange, name + "-back.tar"));
        var cell = new Cell(Direction.PodmanToStasis, "none", runtime);
        var number = fixture.NextNumber();
        Workload[] workloads =
        [
            new CounterWorkload(), new AddressWorkload(number), new PortWorkload(fixture, number), new ShmWorkload(cell),
            new VolumesWorkload(cell)
        ];
        string[] volumes = [.. workloads.SelectMany(workload => workload.Volumes)];
        try
        {
            var id =
                await podman.OkAsync(["run", "-d", "--name", name, .. Asked, .. workloads.SelectMany(workload => workload.RunOptions),
                    InteropFixture.ImageName("base"),
                "sh", "-c", $"{workloads[2].Background} & exec counter"]);
            foreach (var workload in workloads)
                await workload.BeginAsync(podman, name);
            var inspected = await InspectedAsync(podman, name);
            await podman.OkAsync("container", "checkpoint", "-e", there, "-c", "none", name);
            await workloads[0].FrozenAsync(podman, name);
            await podman.OkAsync("rm", name);
            await podman.OkAsync(["volume", "rm", .. volumes]);

            string[] allowed = [.. workloads.SelectMany(workload => workload.Allowed).SelectMany(rule => (string[])["--allow", rule])];
            Assert.Equal(id, await stasis.OkAsync(["container", "restore", "-i", there, .. allowed]));
            foreach (var workload in workloads)
                await workload.CheckAsync(stasis, name);
            await stasis.OkAsync("container", "checkpoint", "-e", back, name);
            await workloads[0].FrozenAsync(stasis, name);
            await stasis.OkAsync("rm", name);
            await stasis.OkAsync(["volume", "rm", .. volumes]);
            await AssertCarriedAsync(there, back);

            Assert.Equal(id, await podman.OkAsync("container", "restore", "-i", back));
            foreach (var workload in workloads.Where(workload => workload is not (ShmWorkload or VolumesWorkload)))
                await workload.CheckAsync(podman, name);
            Assert.Equal(inspected, await InspectedAsync(podman, name));
        }
        finally
        {
            foreach (var side in (Side[])[podman, stasis])
            {
                await side.OkAsync("rm", "-f", "-t", "0", "--ignore", name);
                await side.OkAsync(["volume", "rm", "-f", .. volumes]);
            }
            File.Delete(there);
            File.Delete(back);
        }
    }

    // Stasis's own annotations (how often it was restored) come on top of those that were there.
    private static string Podmans(JsonProperty field)
    {
        var value = JsonNode.Parse(field.Value.GetRawText());
        if (field.Name is "annotations" or "Annotations" && value is JsonObject annotations)
            foreach (var own in annotations.Select(annotation => annotation.Key)
                .Where(key => key.StartsWith("io.stasis.", StringComparison.Ordinal))
                .ToList())
                annotations.Remove(own);
        return value?.ToJsonString() ?? "null";
    }

    // What it was asked to be; its cgroup is Stasis's now.
    private static async Task<string> InspectedAsync(Side podman, string name)
    {
        using var json = JsonDocument.Parse(await podman.OkAsync("inspect", name));
        var lines = new List<string>();
        foreach (var part in (string[])["Config", "HostConfig"])
        {
            foreach (var field in json.RootElement[0]
                .GetProperty(part)
                .EnumerateObject()
                .Where(field => field.Name is not ("CgroupParent" or "Cgroups")))
                lines.Add($"{part}.{field.Name} = {Podmans(field)}");
        }
        return string.Join('\n', lines);
    }

    // Fields of config.dump and spec.dump that Stasis has no business with; paths of Podman's host are left out
    // (RestoredContainerConfig.HostPaths).
    private static async Task AssertCarriedAsync(string there, string back)
    {
        foreach (var (entry, own) in new (string, string[])[] { ("config.dump",
            [
                "staticDir", "ShmDir", "mounts", "logPath", "conmonPidFile", "pid_file", "secretsPath", "baseHostsFile",
                "healthLogDestination", "seccomp_profile_path", "chroot_directories", "exitCommand", "cgroupManager", "cgroupParent",
                "createdTime", "newNetworks"
            ]), ("spec.dump", ["root", "mounts", "linux"]) })
        {
            using var before = JsonDocument.Parse(await EntryAsync(there, entry));
            using var after = JsonDocument.Parse(await EntryAsync(back, entry));
            var carried = after.RootElement.EnumerateObject().ToDictionary(field => field.Name, Podmans);
            var lost = before.RootElement
                .EnumerateObject()
                .Where(field => field.Value.ValueKind != JsonValueKind.Null && !own.Contains(field.Name))
                .Where(field => !carried.TryGetValue(field.Name, out var value)
                    || !JsonNode.DeepEquals(JsonNode.Parse(value), JsonNode.Parse(Podmans(field))))
                .Select(field =>
                    $"{entry}: {field.Name} was {field.Value.GetRawText()}, and is {carried.GetValueOrDefault(field.Name, "gone")}");
            Assert.Equal("", string.Join('\n', lost));
        }
    }

    private static async Task<string> EntryAsync(string archive, string entry)
    {
        var result = await Spawn.RunAsync(new SpawnOptions { Program = "tar", Arguments = ["-xOf", archive, entry] }, Eventually.HangGuard,
            TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output;
    }
}
