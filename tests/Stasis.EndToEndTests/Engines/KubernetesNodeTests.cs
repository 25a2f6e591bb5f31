using System.Text;
using Stasis.EndToEndTests.Engines.Cri;
using Stasis.EndToEndTests.Harness;
using Stasis.EndToEndTests.Packaging;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>
/// A node is set up and used as the files of deploy/kubernetes say. The peer is the node. Instead of a kubelet, the test speaks the CRI.
/// </summary>
[Collection<EngineCollection>]
public sealed class KubernetesNodeTests(EngineDaemons daemons)
{
    private const string NodeFiles = "find /usr/local | sort";

    private readonly string _name = $"node-{Guid.NewGuid():N}"[..14];

    [Fact]
    public async Task A_job_checkpoints_a_pod_and_pods_of_other_nodes_go_on_from_the_image()
    {
        var image = await ImportNodeImageAsync();
        var before = await EngineDaemons.ShellAsync(NodeFiles);
        using var registry = await LocalRegistry.StartAsync(PathOf("registry"), withLogin: true, Peer.NetNs);
        var checkpoint = $"{registry.Address}/{_name}:1";
        using var original = new CriEngine(daemons, _name);
        using var restored = new CriEngine(daemons, _name + "-restored");
        try
        {
            await InstallAsync(image, "install");
            await original.RunAsync("sh", "-c", Counter.Program);
            await Counter.CountsBeyondAsync(original, 3);

            await RunJobAsync(image, registry, checkpoint);

            var counted = Counter.Read(await original.LogsAsync());
            await Counter.CountsBeyondAsync(original, counted[^1]);
            await daemons.CtrAsync(
                "-n", "k8s.io", "images", "pull", "--plain-http", "--user", $"{LocalRegistry.User}:{LocalRegistry.Password}", checkpoint);
            await restored.RestoreAsync(
                new Mount { ContainerPath = "/.stasis", Readonly = true, Image = new ImageSpec { Image = checkpoint } });
            await Counter.CountsBeyondAsync(restored, 3);
            Assert.True(Counter.Read(await restored.LogsAsync())[0] > 3);
        }
        finally
        {
            await original.RemoveAsync();
            await restored.RemoveAsync();
            await InstallAsync(image, "uninstall");
            await EngineDaemons.ShellAsync($"ctr --address {daemons.Socket} -n k8s.io images rm {image} {checkpoint} 2>/dev/null; true");
        }
        Assert.Equal(before, await EngineDaemons.ShellAsync(NodeFiles));
    }

    /// <summary>With what is left of a job, the engine may end the shell that would let the container go on.</summary>
    [Fact]
    public async Task Second_try_of_a_killed_job_finds_the_container_running()
    {
        var image = await ImportNodeImageAsync();
        var archive = PathOf("archive.tar");
        using var original = new CriEngine(daemons, _name);
        try
        {
            await InstallAsync(image, "install");
            await original.RunAsync("sh", "-c", Counter.Program);
            await Counter.CountsBeyondAsync(original, 3);
            string[] checkpoint = ["checkpoint", "--engine", "containerd", "-e", archive, "--root", PathOf("root"), Called];
            using (var killed = CreateJob(image, "-job"))
            {
                await killed.RunAsync(
                    "/bin/sh", "-c", $"STASIS_FAULT=checkpoint.frozen=kill exec /bin/stasis-node {string.Join(' ', checkpoint)}");
                Assert.NotEqual(0, await killed.WaitAsync());
                await killed.RemoveAsync();
            }
            Assert.False(File.Exists(archive));

            using var second = CreateJob(image, "-again");
            await RunToEndAsync(second, ["/bin/stasis-node", .. checkpoint]);

            Assert.True(File.Exists(archive));
            var counted = Counter.Read(await original.LogsAsync());
            await Counter.CountsBeyondAsync(original, counted[^1]);
            Assert.Equal(7, await original.StopAsync());
        }
        finally
        {
            await original.RemoveAsync();
            await InstallAsync(image, "uninstall");
        }
    }

    [Fact]
    public async Task Containerd_reads_the_drop_in_file_beside_its_other_settings()
    {
        var image = await ImportNodeImageAsync();
        var config = PathOf("etc/containerd/config.toml");
        Directory.CreateDirectory(Path.GetDirectoryName(config)!);
        await File.WriteAllTextAsync(
            config,
            $"""
            version = 3
            imports = ['{PathOf("etc/containerd/conf.d")}/*.toml']
            [plugins.'io.containerd.cri.v1.runtime']
              max_container_log_line_size = 4711
            [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.other]
              runtime_type = 'io.containerd.runc.v2'
            """,
            TestContext.Current.CancellationToken);
        try
        {
            Assert.Contains("restart containerd", await InstallAsync(image, "install"), StringComparison.Ordinal);
            var merged = await EngineDaemons.ShellAsync($"containerd --config {config} config dump");
            string[] all = ["runtimes.runc]", "runtimes.other]", "runtimes.stasis]", "4711", "/usr/local/bin/stasis-runtime"];
            Assert.All(all, setting => Assert.Contains(setting, merged, StringComparison.Ordinal));
        }
        finally
        {
            await InstallAsync(image, "uninstall");
        }
        Assert.False(Directory.Exists(PathOf("etc/containerd/conf.d")));
    }

    // NAMESPACE/POD/CONTAINER
    private string Called => $"test/{_name}/{_name}";

    private string PathOf(string name) => Path.Combine(daemons.Folder, _name, name);

    private async Task<string> ImportNodeImageAsync()
    {
        var image = await NodeImage.MakeAsync();
        var archive = PathOf("stasis-node.tar");
        Directory.CreateDirectory(PathOf("etc"));
        File.Copy(NodeImage.Archive, archive);
        await daemons.CtrAsync("-n", "k8s.io", "images", "import", archive);
        return image;
    }

    // The container "install" of daemonset.yaml. The peer's own /etc stays as it is.
    private async Task<string> InstallAsync(string image, string verb)
    {
        using var container = new CriEngine(daemons, $"{_name}-{verb}")
        {
            Image = image,
            Security = new LinuxContainerSecurityContext
            {
                NamespaceOptions = new NamespaceOption { Pid = NamespaceMode.Container },
                Seccomp = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
                Capabilities = new Capability { DropCapabilities = { "ALL" } },
                NoNewPrivs = true,
                ReadonlyRootfs = true,
            },
            Mounts =
            [
                new Mount { ContainerPath = "/host/usr/local", HostPath = "/usr/local" },
                new Mount { ContainerPath = "/host/etc", HostPath = PathOf("etc") },
            ],
        };
        return await RunToEndAsync(container, "/bin/stasis-node", verb);
    }

    // The container of checkpoint-job.yaml.
    private CriEngine CreateJob(string image, string suffix, params Mount[] mounts) => new(daemons, _name + suffix)
    {
        Image = image,
        Security = new LinuxContainerSecurityContext
        {
            NamespaceOptions = new NamespaceOption { Pid = NamespaceMode.Node },
            Privileged = true,
        },
        Mounts = mounts,
    };

    private async Task RunJobAsync(string image, LocalRegistry registry, string checkpoint)
    {
        var login = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{LocalRegistry.User}:{LocalRegistry.Password}"));
        Directory.CreateDirectory(PathOf("secret"));
        await File.WriteAllTextAsync(
            PathOf("secret/config.json"),
            $$"""{"auths": {"{{registry.Address}}": {"auth": "{{login}}"} } }""",
            TestContext.Current.CancellationToken);
        using var job = CreateJob(image, "-job", new Mount { ContainerPath = "/registry", HostPath = PathOf("secret"), Readonly = true });
        var digest = await RunToEndAsync(
            job,
            "/bin/stasis-node",
            "checkpoint",
            "--engine",
            "containerd",
            "--push",
            checkpoint,
            "--tls-verify=false",
            "--root",
            PathOf("root"),
            Called);
        Assert.Contains("sha256:", digest, StringComparison.Ordinal);
    }

    private static async Task<string> RunToEndAsync(CriEngine container, params string[] command)
    {
        try
        {
            await container.RunAsync(command);
            var code = await container.WaitAsync();
            var output = await container.LogsAsync();
            Assert.True(code == 0, $"{string.Join(' ', command)}: exit code {code}\n{output}");
            return output;
        }
        finally
        {
            await container.RemoveAsync();
        }
    }
}
