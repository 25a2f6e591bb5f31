using Grpc.Core;
using Stasis.EndToEndTests.Engines.Cri;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>What engines and their users expect of a restored container beyond its going on.</summary>
[Collection<EngineCollection>]
public sealed class EngineRestoreTests(EngineDaemons daemons) : IAsyncLifetime
{
    private readonly string _name = $"engine-{Guid.NewGuid():N}"[..16];

    private string Archive => Path.Combine(daemons.Folder, _name + ".tar");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await new DockerEngine(daemons, _name).RemoveAsync();

    [Fact]
    public async Task A_restart_runs_the_command_afresh()
    {
        await CheckpointAsync();
        var docker = new DockerEngine(daemons, _name);
        await docker.RunAsync(Archive, "sh", "-c", "echo afresh; ls -d /.stasis; sleep 1000");
        await Counter.CountsBeyondAsync(docker, 3);

        await daemons.DockerAsync("restart", "--time", "0", _name);

        var log = await Eventually.GetAsync(docker.LogsAsync, log => log.Contains("afresh", StringComparison.Ordinal));
        Assert.DoesNotContain("afresh\n/.stasis", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_restores_the_checkpoint_again_if_the_annotation_says_so()
    {
        await CheckpointAsync();
        var docker = new DockerEngine(daemons, _name) { Annotations = ["dev.stasis.restart=checkpoint"] };
        await docker.RunAsync(Archive, "sh", "-c", "echo afresh");
        await Counter.CountsBeyondAsync(docker, 6);
        var first = Counter.Read(await docker.LogsAsync())[0];

        await daemons.DockerAsync("restart", "--time", "0", _name);

        var log = await Eventually.GetAsync(docker.LogsAsync, log => Counter.Read(log).Count(number => number == first) == 2);
        Assert.DoesNotContain("afresh", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Annotation_of_a_pod_names_the_checkpoint_of_its_container()
    {
        await CheckpointAsync();
        var annotations = new Dictionary<string, string>
        {
            ["checkpoint.stasis.dev/other"] = "nothing",
            [$"checkpoint.stasis.dev/{_name}"] = Path.GetFileName(Archive),
        };
        using var cri = new CriEngine(daemons, _name) { PodAnnotations = annotations };
        try
        {
            await cri.RestoreAnnotatedAsync();
            await Counter.CountsBeyondAsync(cri, 3);
        }
        finally
        {
            await cri.RemoveAsync();
        }
    }

    /// <summary>Who starts containers could try all beginnings of IDs, and get the memory of others.</summary>
    [Fact]
    public async Task Annotation_names_only_checkpoints_that_have_a_tag()
    {
        await CheckpointAsync();
        var docker = new DockerEngine(daemons, _name);
        await docker.RestoreAsync(Archive);
        await docker.RemoveAsync();
        var ids = Directory.GetDirectories(Path.Combine(daemons.Folder, "root", "checkpoints")).Select(path => Path.GetFileName(path)!);

        foreach (var id in ids.SelectMany(id => (string[])[id, id[..12]]))
        {
            var refused = await daemons.TryDockerAsync(
                "run", "--name", _name, "--runtime", "stasis", "--annotation", $"dev.stasis.checkpoint={id}", EngineDaemons.Image, "sh");
            Assert.Contains("no checkpoint in Stasis's store has the tag", refused.Error, StringComparison.Ordinal);
            await docker.RemoveAsync();
        }
    }

    [Fact]
    public async Task A_folder_is_as_good_as_an_archive()
    {
        await CheckpointAsync();
        var folder = Directory.CreateDirectory(Path.Combine(daemons.Folder, _name)).FullName;
        await EngineDaemons.ShellAsync($"tar -C {folder} -xf {Archive}");
        var docker = new DockerEngine(daemons, _name);

        await docker.RestoreAsync(folder);

        await Counter.CountsBeyondAsync(docker, 3);
    }

    [Fact]
    public async Task A_checkpoint_lies_in_the_image_of_the_container()
    {
        await CheckpointAsync();
        var (folder, image) = (Directory.CreateDirectory(Path.Combine(daemons.Folder, _name)).FullName, $"localhost/{_name}:latest");
        await EngineDaemons.ShellAsync($"tar -C {folder} -xf {Archive}");
        await daemons.DockerAsync("create", "--name", _name, EngineDaemons.Image, "true");
        await daemons.DockerAsync("cp", folder + "/.", _name + ":/.stasis");
        await daemons.DockerAsync("commit", _name, image);
        await daemons.DockerAsync("rm", _name);
        var docker = new DockerEngine(daemons, _name);
        try
        {
            await daemons.DockerAsync("run", "-d", "--name", _name, "--runtime", "stasis", image, "sh", "-c", "echo afresh; sleep 1000");
            await Counter.CountsBeyondAsync(docker, 3);

            await daemons.DockerAsync("restart", "--time", "0", _name);
            await Eventually.GetAsync(docker.LogsAsync, log => log.Contains("afresh", StringComparison.Ordinal));
        }
        finally
        {
            await docker.RemoveAsync();
            await daemons.DockerAsync("rmi", image);
        }
    }

    [Fact]
    public async Task Content_of_a_volume_is_restored_into_one_that_is_empty()
    {
        await CheckpointAsync("-v", _name + "-made:/data");
        await daemons.Interop.Podman("runc").OkAsync("volume", "rm", _name + "-made");
        var docker = new DockerEngine(daemons, _name) { RestoreOptions = ["-v", _name + ":/data"] };
        try
        {
            await docker.RestoreAsync(Archive);
            await Counter.CountsBeyondAsync(docker, 3);
            Assert.Equal("here", await docker.ShellAsync("cat /data/datum"));

            await docker.ShellAsync("echo changed >/data/datum");
            await docker.RemoveAsync();
            Assert.Contains("isn't empty", (await docker.TryRestoreAsync(Archive)).Error, StringComparison.Ordinal);
            await docker.RemoveAsync();
            var keeping = new DockerEngine(daemons, _name)
            {
                RestoreOptions = docker.RestoreOptions,
                Annotations = ["dev.stasis.volumes=keep"],
            };
            await keeping.RestoreAsync(Archive);
            Assert.Equal("changed", await keeping.ShellAsync("cat /data/datum"));
        }
        finally
        {
            await docker.RemoveAsync();
            await daemons.DockerAsync("volume", "rm", _name);
        }
        var refused = await new DockerEngine(daemons, _name).TryRestoreAsync(Archive);
        Assert.Contains("at /data, and nothing is mounted there", refused.Error, StringComparison.Ordinal);
    }

    /// <summary>A pod names the checkpoint by an image: no annotation, and no path of the node.</summary>
    [Fact]
    public async Task A_checkpoint_image_is_a_volume_of_a_pod()
    {
        var image = $"localhost/{_name}:latest";
        var podman = daemons.Interop.Podman("runc");
        await Counter.CheckpointAsync(podman, _name, ["--create-image", image]);
        await podman.OkAsync("save", "--format", "oci-archive", "-o", Archive, image);
        await podman.OkAsync("rmi", image);
        await daemons.CtrAsync("-n", "k8s.io", "images", "import", Archive);
        using var cri = new CriEngine(daemons, _name);
        try
        {
            await cri.RestoreAsync(new Mount { ContainerPath = "/.stasis", Readonly = true, Image = new ImageSpec { Image = image } });

            await Counter.CountsBeyondAsync(cri, 3);
        }
        finally
        {
            await cri.RemoveAsync();
        }
    }

    [Fact]
    public async Task A_privileged_archive_is_confined_as_its_pod_says()
    {
        await CheckpointAsync("--privileged");
        using var cri = new CriEngine(daemons, _name)
        {
            Security = new LinuxContainerSecurityContext
            {
                NamespaceOptions = new NamespaceOption { Pid = NamespaceMode.Container },
                Seccomp = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
                Capabilities = new Capability { DropCapabilities = { "ALL" }, AddCapabilities = { "KILL" } },
                NoNewPrivs = true,
                MaskedPaths = { "/proc/keys", "/sys/firmware" },
                ReadonlyPaths = { "/proc/sys" },
            },
        };
        try
        {
            await cri.RestoreAsync(Archive);

            await Counter.CountsBeyondAsync(cri, 3);
            // CAP_KILL is 5.
            Assert.Equal(
                "CapPrm:0000000000000020 CapEff:0000000000000020 CapBnd:0000000000000020 NoNewPrivs:1 Seccomp:2",
                await cri.ShellAsync(
                    "grep -E '^(CapPrm|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/1/status | tr -d '\t' | tr '\n' ' ' | sed 's/ $//'"));
            Assert.Equal("0", await cri.ShellAsync("wc -c </proc/keys"));
            Assert.Equal("", await cri.ShellAsync("ls /sys/firmware"));
            Assert.Equal("read-only", await cri.ShellAsync("echo 1 2>/dev/null >/proc/sys/kernel/hostname || echo read-only"));
        }
        finally
        {
            await cri.RemoveAsync();
        }
    }

    [Fact]
    public async Task A_container_of_root_is_not_restored_for_another_user()
    {
        await CheckpointAsync();
        using var cri = new CriEngine(daemons, _name)
        {
            Security = new LinuxContainerSecurityContext
            {
                NamespaceOptions = new NamespaceOption { Pid = NamespaceMode.Container },
                RunAsUser = new Int64Value { Value = 1000 },
            },
        };
        try
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => cri.RestoreAsync(Archive));

            const string Why = "its first process runs as user 0, and the container is to run as 1000";
            Assert.Contains(Why, refused.Status.Detail, StringComparison.Ordinal);
        }
        finally
        {
            await cri.RemoveAsync();
        }
    }

    [Fact]
    public async Task A_mount_that_the_checkpoint_did_not_have_is_there()
    {
        await CheckpointAsync();
        var secret = Directory.CreateDirectory(Path.Combine(daemons.Folder, _name + "-secret")).FullName;
        await File.WriteAllTextAsync(Path.Combine(secret, "token"), "t0ken", TestContext.Current.CancellationToken);
        using var cri = new CriEngine(daemons, _name)
        {
            Mounts = [new Mount { ContainerPath = "/var/run/secrets/kubernetes.io", HostPath = secret, Readonly = true }],
        };
        try
        {
            await cri.RestoreAsync(Archive);

            Assert.Equal("t0ken", await cri.ShellAsync("cat /var/run/secrets/kubernetes.io/token"));
        }
        finally
        {
            await cri.RemoveAsync();
        }
    }

    private Task CheckpointAsync(params string[] run) =>
        Counter.CheckpointAsync(daemons.Interop.Podman("runc"), _name, ["--compress", "none", "--export", Archive], run);
}
